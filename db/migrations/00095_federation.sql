-- +goose Up
CREATE SCHEMA federation;
COMMENT ON SCHEMA federation IS 'Identity providers outside Kapok that vouch for people 外部身份提供方';

CREATE TABLE federation.link (
    id          uuid PRIMARY KEY,
    person      uuid NOT NULL,
    provider    text NOT NULL,
    subject     bytea NOT NULL,
    level       smallint NOT NULL CHECK (level IN (0, 2)),
    linked_at   timestamptz NOT NULL,
    verified_at timestamptz NOT NULL,
    ended_at    timestamptz,
    CHECK (ended_at >= linked_at)
);
COMMENT ON TABLE federation.link IS 'Which subject of which provider is which person; no fact about the person is kept (公安部令第173号)';
COMMENT ON COLUMN federation.link.provider IS 'Name of the provider in the configuration, for show; the look-up is by subject';
COMMENT ON COLUMN federation.link.subject IS 'Keyed HMAC-SM3 of issuer and subject';
COMMENT ON COLUMN federation.link.level IS 'What the provider last proved: 0 a sign-in only, 2 authoritative check';
CREATE UNIQUE INDEX link_subject ON federation.link (subject) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX link_person ON federation.link (person, provider) WHERE ended_at IS NULL;
CREATE TRIGGER link_fixed BEFORE UPDATE ON federation.link
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'provider', 'subject', 'linked_at');

CREATE TABLE federation.used_state (
    id         uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE federation.used_state IS 'Answers of providers that were taken: each is taken once, on all nodes';
CREATE INDEX used_state_expiry ON federation.used_state (expires_at);
