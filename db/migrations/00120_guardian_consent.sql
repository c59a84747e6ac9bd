-- +goose Up
-- A guardian's consent to service: for every organisation, or for a single one.
ALTER TABLE person.consent ADD COLUMN org uuid,
    ADD CONSTRAINT consent_org CHECK (org IS NULL OR purpose = 'guardian');
COMMENT ON COLUMN person.consent.org IS 'Guardian''s consent: the only organisation it is for; null for every one';
CREATE UNIQUE INDEX consent_one ON person.consent (person, purpose, text_version, given_by, org) NULLS NOT DISTINCT WHERE withdrawn_at IS NULL;
COMMENT ON INDEX person.consent_one IS 'One consent in force of a giver, a text and an organisation';
DROP INDEX person.consent_once;
CREATE TRIGGER consent_org_fixed BEFORE UPDATE OF org ON person.consent
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('org');
