-- +goose Up
-- Assurance of identity: who saw what, when and how.
CREATE TABLE person.verification (
    id          uuid PRIMARY KEY,
    person      uuid NOT NULL REFERENCES person.person (id),
    document    uuid REFERENCES person.identity_document (id),
    level       smallint NOT NULL CHECK (level BETWEEN 1 AND 3),
    source      text NOT NULL CHECK (source ~ '^[a-z][a-z0-9_]{1,39}$'),
    verified_by uuid,
    verified_at timestamptz NOT NULL,
    valid_to    date,
    CONSTRAINT verification_by_somebody CHECK (verified_by IS NOT NULL OR level = 2),
    CONSTRAINT verification_not_own CHECK (verified_by <> person)
);
COMMENT ON TABLE person.verification IS 'Append-only: each check of an identity; the level of a document or person is read from those in force';
COMMENT ON COLUMN person.verification.document IS 'Null: an authority vouched for the person without a document of ours';
COMMENT ON COLUMN person.verification.level IS '1 document checked, 2 checked with the authority, 3 in person';
COMMENT ON COLUMN person.verification.source IS 'How: desk, or the authority''s service';
COMMENT ON COLUMN person.verification.verified_by IS 'Null: an authority''s system';
COMMENT ON COLUMN person.verification.valid_to IS 'Last day; the level falls back after it';
CREATE INDEX verification_person ON person.verification (person, id);
CREATE INDEX verification_document ON person.verification (document);
CREATE TRIGGER verification_fixed BEFORE UPDATE ON person.verification
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'document', 'level', 'source', 'verified_by', 'verified_at', 'valid_to');
CREATE TRIGGER verification_kept BEFORE DELETE ON person.verification
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER verification_follow BEFORE INSERT ON person.verification FOR EACH ROW EXECUTE FUNCTION person.follow();

ALTER TABLE person.identity_document ADD COLUMN renewed_at timestamptz;
COMMENT ON COLUMN person.identity_document.renewed_at IS 'When a renewed card took the place of the one before';
