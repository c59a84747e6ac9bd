-- +goose Up
ALTER TABLE privacy.access
    ADD COLUMN roster uuid,
    ADD COLUMN org    uuid,
    ADD COLUMN shift  uuid,
    ADD COLUMN alone  boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT access_kind_check,
    ADD CONSTRAINT access_kind_check CHECK (kind IN ('profile', 'incident', 'roster')),
    ADD CONSTRAINT access_roster CHECK ((kind = 'roster') = (roster IS NOT NULL) AND (kind = 'roster') = (org IS NOT NULL)
        AND (kind = 'roster') = (shift IS NOT NULL)),
    ADD CONSTRAINT access_alone CHECK (kind = 'roster' OR NOT alone),
    ADD CONSTRAINT access_roster_minors CHECK (kind <> 'roster' OR minor);
COMMENT ON COLUMN privacy.access.kind IS 'profile: an administrator of the division; incident: a security administrator, the person told afterwards; roster: an organiser, the full name of a minor on the roster of one shift';
COMMENT ON COLUMN privacy.access.roster IS 'One request for all minors of a roster: its rows are decided together';
COMMENT ON COLUMN privacy.access.alone IS 'Nobody else of the organisation could decide when it was asked: the division''s administrator does';
CREATE INDEX access_roster_open ON privacy.access (org, asked_at) WHERE kind = 'roster' AND state = 'open';
CREATE INDEX access_roster ON privacy.access (roster) WHERE kind = 'roster';
CREATE TRIGGER access_roster_fixed BEFORE UPDATE ON privacy.access
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('roster', 'org', 'shift', 'alone');
