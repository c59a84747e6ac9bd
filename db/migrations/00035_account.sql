-- +goose Up
CREATE SCHEMA account;
COMMENT ON SCHEMA account IS 'Login, sessions, roles within divisions 账户、会话、角色';

CREATE TABLE account.account (
    id         uuid PRIMARY KEY,
    person     uuid NOT NULL CONSTRAINT account_person UNIQUE,
    phone_hash bytea NOT NULL CONSTRAINT account_phone UNIQUE,
    phone      bytea NOT NULL,
    password   text,
    state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'closed')),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE account.account IS 'How a person signs in; one phone opens one account';
COMMENT ON COLUMN account.account.phone_hash IS 'Keyed HMAC-SM3 of the E.164 number, for look-up';
COMMENT ON COLUMN account.account.phone IS 'SM4-GCM envelope of the E.164 number';
COMMENT ON COLUMN account.account.password IS 'Argon2id in PHC form; null: signs in by code only';
CREATE TRIGGER account_fixed BEFORE UPDATE ON account.account
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'created_at');

CREATE TABLE account.session (
    id         uuid PRIMARY KEY,
    account    uuid NOT NULL REFERENCES account.account,
    secret     bytea NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('web', 'api')),
    device     text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON TABLE account.session IS 'Signed-in devices; a cookie or bearer token is id + secret';
COMMENT ON COLUMN account.session.secret IS 'SHA-256 of the secret, which has 256 random bits';
CREATE INDEX session_account ON account.session (account, id) WHERE revoked_at IS NULL;
CREATE INDEX session_expiry ON account.session (expires_at);

CREATE TABLE account.code (
    id         uuid PRIMARY KEY,
    phone_hash bytea NOT NULL,
    purpose    text NOT NULL CHECK (purpose IN ('register', 'login', 'phone')),
    hash       bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries      integer NOT NULL DEFAULT 0,
    used_at    timestamptz
);
COMMENT ON TABLE account.code IS 'One-time codes sent to phones; only the newest unused one of a phone and purpose counts';
CREATE INDEX code_phone ON account.code (phone_hash, purpose, created_at DESC);
CREATE INDEX code_expiry ON account.code (expires_at);

CREATE TABLE account.pace (
    bucket   text NOT NULL,
    began_at timestamptz NOT NULL,
    n        integer NOT NULL,
    PRIMARY KEY (bucket)
);
COMMENT ON TABLE account.pace IS 'Counts of attempts in a window, for rate limits that hold on all nodes; buckets are hashes, never phones';

CREATE TABLE account.role_grant (
    id         uuid PRIMARY KEY,
    person     uuid NOT NULL,
    role       text NOT NULL CHECK (role IN ('region_admin', 'system_admin')),
    region     text,
    granted_by uuid,
    granted_at timestamptz NOT NULL,
    revoked_by uuid,
    revoked_at timestamptz,
    CHECK ((role = 'region_admin') = (region IS NOT NULL))
);
COMMENT ON TABLE account.role_grant IS 'Roles outside organisations; granted_by is null for the first one, given on the command line';
CREATE UNIQUE INDEX role_grant_active ON account.role_grant (person, role, coalesce(region, '')) WHERE revoked_at IS NULL;

CREATE TABLE account.new_phone (
    id         uuid PRIMARY KEY,
    person     uuid,
    region     text,
    phone_hash bytea NOT NULL,
    phone      bytea NOT NULL,
    asked_at   timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'refused')),
    decided_by uuid,
    decided_at timestamptz,
    reason     text NOT NULL DEFAULT '',
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((person IS NULL) = (region IS NULL)),
    CHECK (person IS NOT NULL OR state <> 'approved'),
    CHECK (state <> 'refused' OR reason <> '')
);
COMMENT ON TABLE account.new_phone IS 'Requests of people who lost their phone; the administrator of their division decides after seeing the document';
COMMENT ON COLUMN account.new_phone.person IS 'Null when the document shown is nobody''s: who asks must not learn that';
CREATE INDEX new_phone_from ON account.new_phone (phone_hash, id);
CREATE UNIQUE INDEX new_phone_open ON account.new_phone (person) WHERE state = 'open';
