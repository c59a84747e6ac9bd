-- +goose Up
CREATE TABLE privacy.access (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('profile', 'incident')),
    person      uuid NOT NULL,
    minor       boolean NOT NULL,
    division    text NOT NULL,
    asked_by    uuid NOT NULL,
    asked_at    timestamptz NOT NULL,
    reason      bytea NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'refused')),
    decided_by  uuid,
    decided_at  timestamptz,
    valid_until timestamptz,
    tell_at     timestamptz,
    told_at     timestamptz,
    CONSTRAINT access_second_person CHECK (decided_by <> asked_by),
    CONSTRAINT access_not_own CHECK (person NOT IN (asked_by, coalesce(decided_by, asked_by))),
    CHECK ((state = 'open') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((state = 'approved') = (valid_until IS NOT NULL)),
    CHECK ((kind = 'incident' AND state = 'approved') = (tell_at IS NOT NULL))
);
COMMENT ON TABLE privacy.access IS 'Requests of staff to open a person''s page: a reason, a second person''s approval, a short time (未成年人网络保护条例 art. 36; break-glass)';
COMMENT ON COLUMN privacy.access.kind IS 'profile: an administrator of the division; incident: a security administrator, the person told afterwards';
COMMENT ON COLUMN privacy.access.minor IS 'The person was under 18 when it was asked: counts in the yearly report';
COMMENT ON COLUMN privacy.access.reason IS 'SM4-GCM';
CREATE INDEX access_open ON privacy.access (asked_at) WHERE state = 'open';
CREATE INDEX access_mine ON privacy.access (asked_by, asked_at);
CREATE INDEX access_untold ON privacy.access (tell_at) WHERE told_at IS NULL AND tell_at IS NOT NULL;
CREATE INDEX access_minors ON privacy.access (asked_at) WHERE minor;
CREATE TRIGGER access_fixed BEFORE UPDATE ON privacy.access
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'kind', 'person', 'minor', 'division', 'asked_by', 'asked_at', 'reason');
CREATE TRIGGER access_decided BEFORE UPDATE ON privacy.access
    FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION kit.refuse_columns('state', 'decided_by', 'decided_at', 'valid_until', 'tell_at');
