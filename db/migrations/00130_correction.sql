-- +goose Up
-- A correction that changes the value (PIPL art. 46), and one appeal.
ALTER TABLE privacy.request
    ADD COLUMN wish bytea,
    ADD COLUMN appeals uuid CONSTRAINT request_appeal_once UNIQUE REFERENCES privacy.request (id),
    ADD CONSTRAINT request_appeal_corrects CHECK (appeals IS NULL OR kind = 'correction');
COMMENT ON COLUMN privacy.request.wish IS 'SM4-GCM: the new values as JSON; null where the words are all there is';
COMMENT ON COLUMN privacy.request.appeals IS 'The refusal that this asks the level above to look at; once';
DROP TRIGGER request_fixed ON privacy.request;
CREATE TRIGGER request_fixed BEFORE UPDATE ON privacy.request
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'kind', 'division', 'asked_by', 'asked_at', 'due_at', 'item', 'keep_certificates', 'appeals');

ALTER TABLE person.person ADD COLUMN name_corrected_at timestamptz;
COMMENT ON COLUMN person.person.name_corrected_at IS 'When a name was last put right by a document: certificates issued before show the old one';

-- A document that a correction or an erasing takes away leaves the checks made of
-- it behind: they count for nothing any more, as its row is gone.
ALTER TABLE person.verification DROP CONSTRAINT verification_document_fkey;
COMMENT ON COLUMN person.verification.document IS 'Null: an authority vouched for the person without a document of ours; one that is gone counts for nothing';
