-- +goose Up
ALTER TABLE account.role_grant
    ADD COLUMN reason        text NOT NULL DEFAULT '',
    ADD COLUMN until         timestamptz,
    ADD COLUMN revoke_reason text NOT NULL DEFAULT '',
    ADD CONSTRAINT role_grant_until CHECK (until > granted_at);
COMMENT ON COLUMN account.role_grant.reason IS 'Why it was given; empty where the command line gave it';
COMMENT ON COLUMN account.role_grant.until IS 'When it ends by itself; null: when it is revoked. revoked_by is null of those that ended so';
CREATE TRIGGER role_grant_fixed BEFORE UPDATE ON account.role_grant
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'role', 'region', 'granted_by', 'granted_at', 'reason', 'until');
CREATE INDEX role_grant_ending ON account.role_grant (until) WHERE revoked_at IS NULL;
