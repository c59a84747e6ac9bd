-- +goose Up
ALTER TABLE account.session ADD COLUMN factors text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN account.session.factors IS 'The ways in which its owner showed who they are: code, password, outside, totp, passkey, recovery';

CREATE TABLE account.passkey (
    id              uuid PRIMARY KEY,
    account         uuid NOT NULL REFERENCES account.account,
    name            text NOT NULL CHECK (name <> ''),
    credential      bytea NOT NULL CONSTRAINT passkey_credential UNIQUE,
    public_key      bytea NOT NULL,
    sign_count      bigint NOT NULL CHECK (sign_count >= 0),
    backup_eligible boolean NOT NULL,
    backed_up       boolean NOT NULL,
    created_at      timestamptz NOT NULL,
    used_at         timestamptz
);
COMMENT ON TABLE account.passkey IS 'Passkeys 通行密钥 (WebAuthn, discoverable, with user verification)';
COMMENT ON COLUMN account.passkey.credential IS 'Credential id as the device made it';
COMMENT ON COLUMN account.passkey.sign_count IS 'Newest counter of the device; one that does not grow betrays a copy';
CREATE INDEX passkey_account ON account.passkey (account, id);
CREATE TRIGGER passkey_fixed BEFORE UPDATE ON account.passkey
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'account', 'credential', 'public_key', 'backup_eligible', 'created_at');

CREATE TABLE account.challenge (
    id         uuid PRIMARY KEY,
    account    uuid,
    ceremony   jsonb NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE account.challenge IS 'Challenges of passkeys, deleted by their first use; account is null for signing in';
CREATE INDEX challenge_expiry ON account.challenge (expires_at);

CREATE TABLE account.authenticator (
    id           uuid PRIMARY KEY,
    account      uuid NOT NULL REFERENCES account.account,
    secret       bytea NOT NULL,
    last_step    bigint NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    used_at      timestamptz
);
COMMENT ON TABLE account.authenticator IS 'Authenticator apps 身份验证器 (TOTP, RFC 6238): one in use, and one being set up, an account';
COMMENT ON COLUMN account.authenticator.secret IS 'SM4-GCM envelope of the secret in base32';
COMMENT ON COLUMN account.authenticator.last_step IS 'Time step of the last code accepted: neither it nor an earlier one works again';
CREATE UNIQUE INDEX authenticator_one ON account.authenticator (account, (confirmed_at IS NULL));
CREATE TRIGGER authenticator_fixed BEFORE UPDATE ON account.authenticator
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'account', 'created_at');

CREATE TABLE account.recovery_code (
    hash    bytea PRIMARY KEY,
    account uuid NOT NULL REFERENCES account.account,
    made_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE account.recovery_code IS 'Recovery codes 备用码 for a lost second factor; shown once, each works once';
COMMENT ON COLUMN account.recovery_code.hash IS 'Keyed HMAC-SM3 of account and code';
CREATE INDEX recovery_code_account ON account.recovery_code (account);

CREATE TABLE account.lost_factor (
    id         uuid PRIMARY KEY,
    account    uuid NOT NULL REFERENCES account.account,
    person     uuid NOT NULL,
    region     text NOT NULL,
    asked_at   timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'refused')),
    seen_by    uuid,
    seen_at    timestamptz,
    decided_by uuid,
    decided_at timestamptz,
    reason     text NOT NULL DEFAULT '',
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((seen_by IS NULL) = (seen_at IS NULL)),
    CHECK (state <> 'refused' OR reason <> ''),
    CONSTRAINT lost_factor_two CHECK (state <> 'approved' OR seen_by <> decided_by),
    CONSTRAINT lost_factor_own CHECK (person <> seen_by AND person <> decided_by)
);
COMMENT ON TABLE account.lost_factor IS 'Requests of people who lost their second factor and the recovery codes; two administrators see the document, one after the other';
CREATE UNIQUE INDEX lost_factor_open ON account.lost_factor (account) WHERE state = 'open';
CREATE TRIGGER lost_factor_follow BEFORE INSERT ON account.lost_factor FOR EACH ROW EXECUTE FUNCTION person.follow();
