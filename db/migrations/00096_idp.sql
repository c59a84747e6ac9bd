-- +goose Up
CREATE SCHEMA idp;
COMMENT ON SCHEMA idp IS 'Kapok as identity provider of partner platforms 合作平台登录';

CREATE TABLE idp.client (
    id               uuid PRIMARY KEY,
    name_hans        text NOT NULL CHECK (name_hans <> ''),
    name_hant        text NOT NULL CHECK (name_hant <> ''),
    name_en          text NOT NULL CHECK (name_en <> ''),
    purpose_hans     text NOT NULL CHECK (purpose_hans <> ''),
    purpose_hant     text NOT NULL CHECK (purpose_hant <> ''),
    purpose_en       text NOT NULL CHECK (purpose_en <> ''),
    sector           text NOT NULL CHECK (sector <> ''),
    redirect_uris    text[] NOT NULL CHECK (cardinality(redirect_uris) BETWEEN 1 AND 10),
    logout_uris      text[] NOT NULL DEFAULT '{}' CHECK (cardinality(logout_uris) <= 10),
    claims           text[] NOT NULL CHECK (claims <@ ARRAY['name', 'age_band', 'hours_band']),
    secret           bytea,
    registered_by    uuid NOT NULL,
    registered_at    timestamptz NOT NULL,
    ended_at         timestamptz
);
COMMENT ON TABLE idp.client IS 'Partner platforms that people can sign in to with Kapok';
COMMENT ON COLUMN idp.client.sector IS 'Clients of one sector know a person by the same pairwise subject';
COMMENT ON COLUMN idp.client.claims IS 'The most that may be asked for';
COMMENT ON COLUMN idp.client.secret IS 'SHA-256 of the secret, which has 256 random bits; null: a public client, with PKCE alone';
CREATE TRIGGER client_fixed BEFORE UPDATE ON idp.client
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'sector', 'registered_by', 'registered_at');

CREATE TABLE idp.consent (
    id           uuid PRIMARY KEY,
    person       uuid NOT NULL,
    client       uuid NOT NULL REFERENCES idp.client,
    asked        text[] NOT NULL CHECK (asked <@ ARRAY['name', 'age_band', 'hours_band']),
    claims       text[] NOT NULL CHECK (claims <@ asked),
    given_at     timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CHECK (withdrawn_at >= given_at)
);
COMMENT ON TABLE idp.consent IS 'Separate consent to hand facts to a partner (个人信息保护法 art. 23), claim by claim';
COMMENT ON COLUMN idp.consent.asked IS 'What the partner asked for: an answer given once, also a no, is not asked for again';
CREATE UNIQUE INDEX consent_alive ON idp.consent (person, client) WHERE withdrawn_at IS NULL;
CREATE TRIGGER consent_fixed BEFORE UPDATE ON idp.consent
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'client', 'asked', 'claims', 'given_at');

CREATE TABLE idp.request (
    id           uuid PRIMARY KEY,
    client       uuid NOT NULL REFERENCES idp.client,
    redirect_uri text NOT NULL,
    scopes       text[] NOT NULL,
    state        text NOT NULL,
    nonce        text NOT NULL,
    challenge    text NOT NULL CHECK (length(challenge) = 43),
    ask_again    boolean NOT NULL,
    fresh_after  timestamptz,
    created_at   timestamptz NOT NULL,
    person       uuid,
    code         bytea CONSTRAINT request_code UNIQUE,
    code_until   timestamptz,
    auth_time    timestamptz,
    used_at      timestamptz,
    CHECK ((code IS NULL) = (person IS NULL) AND (code IS NULL) = (code_until IS NULL) AND (code IS NULL) = (auth_time IS NULL)),
    CHECK (used_at IS NULL OR code IS NOT NULL)
);
COMMENT ON TABLE idp.request IS 'Authorization requests, until their code is exchanged; kept a day so that a replayed code is noticed';
COMMENT ON COLUMN idp.request.challenge IS 'PKCE S256; there is no request without';
COMMENT ON COLUMN idp.request.code IS 'SHA-256 of the code';
COMMENT ON COLUMN idp.request.fresh_after IS 'The sign-in must be newer (prompt=login, max_age)';
CREATE INDEX request_created ON idp.request (created_at);

CREATE TABLE idp.grant (
    id         uuid PRIMARY KEY,
    request    uuid NOT NULL CONSTRAINT grant_request UNIQUE,
    client     uuid NOT NULL REFERENCES idp.client,
    person     uuid NOT NULL,
    subject    text NOT NULL,
    scopes     text[] NOT NULL,
    auth_time  timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
COMMENT ON TABLE idp.grant IS 'What one exchanged code gave: all tokens that descend from it end together';
CREATE INDEX grant_person ON idp.grant (person, client) WHERE revoked_at IS NULL;
CREATE INDEX grant_subject ON idp.grant (client, subject) WHERE revoked_at IS NULL;
CREATE INDEX grant_expiry ON idp.grant (expires_at);

CREATE TABLE idp.token (
    hash       bytea PRIMARY KEY,
    of_grant   uuid NOT NULL REFERENCES idp.grant ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('access', 'refresh')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz,
    CHECK (used_at IS NULL OR kind = 'refresh')
);
COMMENT ON TABLE idp.token IS 'Tokens by SHA-256 of their 256 random bits; a refresh token used twice ends its grant';
CREATE INDEX token_grant ON idp.token (of_grant);
CREATE INDEX token_expiry ON idp.token (expires_at);
