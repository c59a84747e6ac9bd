-- +goose Up
CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS 'Who did what 审计';

CREATE TABLE audit.entry (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL,
    actor    uuid,
    action   text NOT NULL,
    object   text NOT NULL,
    org      uuid,
    region   text,
    detail   jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE audit.entry IS 'Insert-only; written in the transaction of the change it describes; no personal data in detail';
COMMENT ON COLUMN audit.entry.actor IS 'Person who acted; null for the system itself';
COMMENT ON COLUMN audit.entry.object IS 'Kind and id, such as organisation/0198…';
CREATE INDEX entry_object ON audit.entry (object, id);
CREATE INDEX entry_actor ON audit.entry (actor, id);
CREATE TRIGGER entry_immutable BEFORE UPDATE OR DELETE ON audit.entry
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON audit.entry
    FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();
