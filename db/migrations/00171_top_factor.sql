-- +goose Up
-- Nobody stands above the administrators of a whole province: when they lose
-- their factors, one who operates the system and one who guards it decide together.
ALTER TABLE account.lost_factor
    ADD COLUMN seen_as    text NOT NULL DEFAULT '' CHECK (seen_as IN ('', 'system_admin', 'security_admin')),
    ADD COLUMN decided_as text NOT NULL DEFAULT '' CHECK (decided_as IN ('', 'system_admin', 'security_admin')),
    ADD CONSTRAINT lost_factor_hands CHECK (state <> 'approved' OR (seen_as = '' AND decided_as = '')
        OR (seen_as <> '' AND decided_as <> '' AND seen_as <> decided_as));
COMMENT ON COLUMN account.lost_factor.seen_as IS 'Role of the first hand for one above whom nobody stands; empty: an administrator of the division';
COMMENT ON CONSTRAINT lost_factor_hands ON account.lost_factor IS 'Two administrators of the division, or system and security administration together';
