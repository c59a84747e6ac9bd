-- +goose Up
CREATE SCHEMA privacy;
COMMENT ON SCHEMA privacy IS 'Rights of people over their data (PIPL 44-50): choices, requests 个人信息权利';

CREATE TABLE privacy.choice (
    person      uuid PRIMARY KEY,
    suggestions boolean NOT NULL DEFAULT true,
    credit      boolean NOT NULL DEFAULT true,
    changed_at  timestamptz NOT NULL,
    changed_by  uuid NOT NULL
);
COMMENT ON TABLE privacy.choice IS 'Switches of a person; without a row all stand at their defaults';
COMMENT ON COLUMN privacy.choice.suggestions IS 'Activities suggested by skills, place and age (PIPL art. 24)';
COMMENT ON COLUMN privacy.choice.credit IS 'Hours may go into credit records at all (慈善法 art. 101; 深圳信用条例 art. 39 lets people opt out)';

CREATE TABLE privacy.request (
    id         uuid PRIMARY KEY,
    person     uuid NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('correction', 'deletion')),
    division   text NOT NULL,
    asked_by   uuid NOT NULL,
    asked_at   timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,
    item       text NOT NULL DEFAULT '',
    words      bytea,
    keep_certificates boolean NOT NULL DEFAULT false,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'withdrawn', 'granted', 'refused', 'done')),
    decided_at timestamptz,
    decided_by uuid,
    answer     bytea,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK (kind <> 'correction' OR item <> ''),
    CHECK (due_at > asked_at)
);
COMMENT ON TABLE privacy.request IS 'Requests to correct (PIPL art. 46, 67号令 art. 13) or to delete (PIPL art. 47)';
COMMENT ON COLUMN privacy.request.due_at IS 'Correction: by when it must be decided. Deletion: end of the cooling-off time, after which it is carried out';
COMMENT ON COLUMN privacy.request.item IS 'What is wrong, by code of the register';
COMMENT ON COLUMN privacy.request.words IS 'SM4-GCM: what the person wrote';
COMMENT ON COLUMN privacy.request.answer IS 'SM4-GCM: what the administrator wrote to the person';
CREATE UNIQUE INDEX request_open ON privacy.request (person, kind, item) WHERE state = 'open';
CREATE INDEX request_waiting ON privacy.request (kind, due_at) WHERE state = 'open';
CREATE INDEX request_person ON privacy.request (person, id);
CREATE TRIGGER request_fixed BEFORE UPDATE ON privacy.request
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'kind', 'division', 'asked_by', 'asked_at', 'due_at', 'item', 'keep_certificates');

-- Erasing a person: what identifies goes, the id stays under the hours.
ALTER TABLE person.person ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN person.person.erased_at IS 'The person asked for deletion (PIPL art. 47): nothing here is about anybody any more, and nothing changes again';
ALTER TABLE person.person DROP CONSTRAINT person_check, DROP CONSTRAINT person_gender_check;
ALTER TABLE person.person
    ADD CONSTRAINT person_named CHECK ((name_hans || name_hant || name_latin <> '') = (erased_at IS NULL)),
    ADD CONSTRAINT person_gender CHECK (gender IN ('male', 'female') AND erased_at IS NULL OR gender = '' AND erased_at IS NOT NULL);
DROP TRIGGER person_fixed ON person.person;
CREATE TRIGGER person_fixed BEFORE UPDATE ON person.person
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'registered_at', 'registered_by');
CREATE TRIGGER person_number_fixed BEFORE UPDATE ON person.person
    FOR EACH ROW WHEN (NEW.erased_at IS NULL) EXECUTE FUNCTION kit.refuse_columns('volunteer_no');
CREATE TRIGGER person_erased BEFORE UPDATE ON person.person
    FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION kit.refuse_change();

-- A certificate whose holder is erased is void and loses what it says.
ALTER TABLE certificate.certificate ADD COLUMN erased_at timestamptz,
    ADD CONSTRAINT certificate_erased CHECK (erased_at IS NULL OR status <> 'valid' AND statement = '{}');
COMMENT ON COLUMN certificate.certificate.erased_at IS 'Its holder asked for deletion: what it said is gone, number and status stay';
DROP TRIGGER certificate_fixed ON certificate.certificate;
DROP TRIGGER certificate_final ON certificate.certificate;
CREATE TRIGGER certificate_fixed BEFORE UPDATE ON certificate.certificate
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'number', 'person', 'signing_key', 'issued_at', 'minutes', 'times',
        'date_from', 'date_to', 'replaces');
CREATE TRIGGER certificate_signed BEFORE UPDATE ON certificate.certificate
    FOR EACH ROW WHEN (NEW.erased_at IS NULL OR OLD.erased_at IS NOT NULL) EXECUTE FUNCTION kit.refuse_columns('statement', 'signature');
CREATE TRIGGER certificate_final BEFORE UPDATE ON certificate.certificate
    FOR EACH ROW WHEN (NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND (OLD.status = NEW.status OR OLD.status = 'valid')))
    EXECUTE FUNCTION certificate.final_status();
