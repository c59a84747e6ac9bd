-- +goose Up
ALTER TABLE account.role_grant DROP CONSTRAINT role_grant_role_check, DROP CONSTRAINT role_grant_check;
ALTER TABLE account.role_grant
    ADD CONSTRAINT role_grant_role CHECK (role IN ('region_admin', 'inspector', 'system_admin', 'security_admin', 'auditor', 'partner', 'merchant', 'credit_authority')),
    ADD CONSTRAINT role_grant_scope CHECK ((role IN ('region_admin', 'inspector', 'credit_authority')) = (region IS NOT NULL));

-- 三员分立: one person holds at most one of the three administrators' roles.
CREATE UNIQUE INDEX role_grant_apart ON account.role_grant (person)
    WHERE revoked_at IS NULL AND role IN ('system_admin', 'security_admin', 'auditor');
COMMENT ON INDEX account.role_grant_apart IS '三员分立 (GB/T 22239-2019 8.1.5): system, security and audit administration never in one hand';
