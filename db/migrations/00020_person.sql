-- +goose Up
CREATE SCHEMA person;
COMMENT ON SCHEMA person IS 'People 志愿者, their documents, consents and guardians';

CREATE TABLE person.person (
    id              uuid PRIMARY KEY,
    volunteer_no    text NOT NULL UNIQUE CHECK (volunteer_no ~ '^[0-9ACDEFGHJKMNPQRTVWXY]{3}-[0-9ACDEFGHJKMNPQRTVWXY]{4}$'),
    national_no     text UNIQUE,
    name_hans       text NOT NULL DEFAULT '' CHECK (char_length(name_hans) <= 64),
    name_hant       text NOT NULL DEFAULT '' CHECK (char_length(name_hant) <= 64),
    name_latin      text NOT NULL DEFAULT '' CHECK (char_length(name_latin) <= 64),
    gender          text NOT NULL CHECK (gender IN ('male', 'female')),
    birth_date      date NOT NULL CHECK (birth_date > '1850-01-01'),
    division        text NOT NULL CHECK (division ~ '^[0-9]{6}([0-9]{3}){0,2}$'),
    phone_enc       bytea,
    phone_hash      bytea CHECK (octet_length(phone_hash) = 32),
    phone_proven_at timestamptz,
    email_enc       bytea,
    skills          text[] NOT NULL DEFAULT '{}',
    languages       text[] NOT NULL DEFAULT '{}',
    service_fields  text[] NOT NULL DEFAULT '{}' CHECK (cardinality(service_fields) <= 4),
    lang            text NOT NULL DEFAULT 'zh-Hans' CHECK (lang IN ('zh-Hans', 'zh-Hant', 'en')),
    registered_at   timestamptz NOT NULL,
    registered_by   uuid REFERENCES person.person (id),
    suspended_at    timestamptz,
    version         integer NOT NULL DEFAULT 1,
    CHECK (name_hans || name_hant || name_latin <> ''),
    CHECK ((phone_enc IS NULL) = (phone_hash IS NULL)),
    CHECK (phone_proven_at IS NULL OR phone_hash IS NOT NULL)
);
COMMENT ON TABLE person.person IS 'One row a human being; statutory basic facts of 民政部令第67号 art. 5';
COMMENT ON COLUMN person.person.volunteer_no IS 'Random, with a check character; never derived from a document';
COMMENT ON COLUMN person.person.national_no IS 'Number in the national system, when known (MZ/T 061 志愿者统一编号)';
COMMENT ON COLUMN person.person.phone_enc IS 'E.164, SM4-GCM; null for wards, who are reached through their guardians';
COMMENT ON COLUMN person.person.phone_hash IS 'Keyed HMAC-SM3 of the E.164 number; families share phones, so it is not unique';
COMMENT ON COLUMN person.person.registered_by IS 'Guardian who entered the person; null when they did it themselves';
COMMENT ON COLUMN person.person.lang IS 'Language of messages to this person';
CREATE INDEX person_phone ON person.person (phone_hash) WHERE phone_hash IS NOT NULL;
CREATE TRIGGER person_fixed BEFORE UPDATE ON person.person
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'volunteer_no', 'registered_at', 'registered_by');

CREATE TABLE person.identity_document (
    id          uuid PRIMARY KEY,
    person      uuid NOT NULL REFERENCES person.person (id),
    kind        text NOT NULL CHECK (kind IN ('mainland_id', 'residence_permit', 'foreigner_id', 'travel_permit', 'hkid', 'macao_bir', 'passport')),
    issuer      text NOT NULL CHECK (issuer ~ '^[A-Z]{2}$'),
    class       text NOT NULL CHECK (class IN ('gb11643', 'travel_permit', 'hkid', 'macao_bir', 'passport')),
    number_enc  bytea NOT NULL,
    key_hash    bytea NOT NULL CHECK (octet_length(key_hash) = 32),
    name        text NOT NULL,
    valid_to    date,
    unusual     boolean NOT NULL DEFAULT false,
    assurance   smallint NOT NULL DEFAULT 0 CHECK (assurance BETWEEN 0 AND 3),
    verified_by uuid,
    verified_at timestamptz,
    added_at    timestamptz NOT NULL,
    CONSTRAINT identity_document_once UNIQUE (class, key_hash),
    CHECK ((assurance = 0) = (verified_at IS NULL))
);
COMMENT ON TABLE person.identity_document IS 'One to many a person; one document belongs to one person';
COMMENT ON COLUMN person.identity_document.issuer IS 'ISO 3166-1 alpha-2 of the country or region that issued it';
COMMENT ON COLUMN person.identity_document.class IS 'Space of numbers: mainland ID, residence permit and 五星卡 share one';
COMMENT ON COLUMN person.identity_document.key_hash IS 'Keyed HMAC-SM3 of what a renewal does not change (回乡证: first nine characters)';
COMMENT ON COLUMN person.identity_document.name IS 'Name as on this card';
COMMENT ON COLUMN person.identity_document.assurance IS '0 self-declared, 1 document checked, 2 checked with the authority, 3 in person';
CREATE INDEX identity_document_person ON person.identity_document (person);
CREATE TRIGGER identity_document_fixed BEFORE UPDATE ON person.identity_document
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'kind', 'issuer', 'class', 'key_hash', 'added_at');

CREATE TABLE person.consent (
    id           uuid PRIMARY KEY,
    person       uuid NOT NULL REFERENCES person.person (id),
    purpose      text NOT NULL,
    text_version text NOT NULL,
    given_by     uuid NOT NULL REFERENCES person.person (id),
    given_at     timestamptz NOT NULL,
    withdrawn_by uuid REFERENCES person.person (id),
    withdrawn_at timestamptz,
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
    CHECK (withdrawn_at >= given_at)
);
COMMENT ON TABLE person.consent IS 'Consent ledger (PIPL 14–16, 29, 31): who agreed to which version of which text for whom; withdrawn, never deleted';
CREATE UNIQUE INDEX consent_once ON person.consent (person, purpose, text_version, given_by) WHERE withdrawn_at IS NULL;
CREATE TRIGGER consent_fixed BEFORE UPDATE ON person.consent
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'purpose', 'text_version', 'given_by', 'given_at');
CREATE TRIGGER consent_kept BEFORE DELETE ON person.consent
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();

CREATE TABLE person.guardianship (
    id         uuid PRIMARY KEY,
    guardian   uuid NOT NULL REFERENCES person.person (id),
    ward       uuid NOT NULL REFERENCES person.person (id),
    relation   text NOT NULL CHECK (relation IN ('mother', 'father', 'grandparent', 'other')),
    since      timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_by   uuid REFERENCES person.person (id),
    CHECK (guardian <> ward),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
COMMENT ON TABLE person.guardianship IS 'Guardian 监护人 of a minor; in force until ended or the ward is 18';
CREATE UNIQUE INDEX guardianship_once ON person.guardianship (guardian, ward) WHERE ended_at IS NULL;
CREATE INDEX guardianship_ward ON person.guardianship (ward) WHERE ended_at IS NULL;
CREATE TRIGGER guardianship_fixed BEFORE UPDATE ON person.guardianship
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'guardian', 'ward', 'relation', 'since');
CREATE TRIGGER guardianship_kept BEFORE DELETE ON person.guardianship
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();

CREATE TABLE person.guardian_code (
    code_hash  bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    ward       uuid NOT NULL REFERENCES person.person (id),
    made_by    uuid NOT NULL REFERENCES person.person (id),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
COMMENT ON TABLE person.guardian_code IS 'Family code 家庭码: made by a minor or a guardian, links one more guardian';
CREATE INDEX guardian_code_ward ON person.guardian_code (ward);

CREATE TABLE person.qualification (
    id          uuid PRIMARY KEY,
    person      uuid NOT NULL REFERENCES person.person (id),
    code        text NOT NULL,
    valid_to    date,
    verified_by uuid NOT NULL,
    verified_at timestamptz NOT NULL,
    revoked_at  timestamptz
);
COMMENT ON TABLE person.qualification IS 'Legal qualifications 资格 (志愿服务条例 art. 16), seen by verified_by';
CREATE UNIQUE INDEX qualification_once ON person.qualification (person, code) WHERE revoked_at IS NULL;

CREATE TABLE person.key_check (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    fingerprint text NOT NULL
);
COMMENT ON TABLE person.key_check IS 'Fingerprint of the encryption keys that belong to this database';
