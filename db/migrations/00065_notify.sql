-- +goose Up
CREATE SCHEMA notify;
COMMENT ON SCHEMA notify IS 'Messages to people and their delivery 消息';

CREATE TABLE notify.message (
    id         uuid PRIMARY KEY,
    person     uuid NOT NULL,
    kind       text NOT NULL CHECK (kind <> ''),
    args       jsonb NOT NULL DEFAULT '{}',
    link       text NOT NULL DEFAULT '' CHECK (link = '' OR link LIKE '/%'),
    key        text NOT NULL CHECK (key <> ''),
    created_at timestamptz NOT NULL,
    read_at    timestamptz,
    CONSTRAINT message_once UNIQUE (person, key)
);
COMMENT ON TABLE notify.message IS 'A message to one person; its text is made from kind and args in the reader''s language';
COMMENT ON COLUMN notify.message.key IS 'The same key to the same person is sent once';
COMMENT ON COLUMN notify.message.link IS 'Path on this site';
CREATE INDEX message_person ON notify.message (person, id DESC);
CREATE INDEX message_unread ON notify.message (person) WHERE read_at IS NULL;
CREATE TRIGGER message_fixed BEFORE UPDATE ON notify.message
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'kind', 'args', 'link', 'key', 'created_at');

CREATE TABLE notify.delivery (
    message uuid NOT NULL REFERENCES notify.message,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    state   text NOT NULL CHECK (state IN ('queued', 'sent', 'no_address', 'failed')),
    tries   integer NOT NULL DEFAULT 0,
    at      timestamptz NOT NULL,
    PRIMARY KEY (message, channel)
);
COMMENT ON TABLE notify.delivery IS 'A message on its way out by e-mail or SMS; retries are the job queue''s';
