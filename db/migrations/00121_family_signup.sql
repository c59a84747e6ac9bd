-- +goose Up
-- 亲子报名: a guardian signs up himself and children in one act, all or none.
ALTER TABLE activity.signup ADD COLUMN party uuid;
COMMENT ON COLUMN activity.signup.party IS 'Those who were signed up in one act share it; they leave the waiting list together. Null for one alone';
CREATE INDEX signup_party ON activity.signup (party) WHERE party IS NOT NULL AND state = 'waiting';
CREATE TRIGGER signup_party_fixed BEFORE UPDATE OF party ON activity.signup
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('party');

ALTER TABLE activity.activity ADD COLUMN with_adult boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN activity.activity.with_adult IS 'A child under 14 comes only with an adult of the family who is signed up too';
