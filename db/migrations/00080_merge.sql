-- +goose Up
-- One person, many documents: two registrations of one human being are joined,
-- and taken apart again. Rows move from one person to the other; who a row
-- belongs to is fixed otherwise.

-- +goose StatementBegin
CREATE FUNCTION kit.exchanges(was text, is_now text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_to_array(nullif(current_setting('kit.merge', true), ''), ',') @> ARRAY[was, is_now], false)
$$;

CREATE OR REPLACE FUNCTION kit.refuse_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF was -> name IS DISTINCT FROM is_now -> name AND NOT kit.exchanges(was ->> name, is_now ->> name) THEN
            RAISE EXCEPTION 'column %.%.% is never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME, name
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION kit.exchanges IS 'A merge: the transaction has named two people in kit.merge, and one takes the other''s place';
COMMENT ON FUNCTION kit.refuse_columns IS 'BEFORE UPDATE trigger: the columns named as arguments are immutable, but that a merge puts one person in the other''s place';

ALTER TABLE person.person ADD COLUMN merged_into uuid REFERENCES person.person (id),
    ADD CONSTRAINT person_merged_away CHECK (merged_into <> id);
COMMENT ON COLUMN person.person.merged_into IS 'The registration that this one was joined with; set as long as the merge stands';
CREATE INDEX person_merged ON person.person (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE person.merge (
    id            uuid PRIMARY KEY,
    kept          uuid NOT NULL REFERENCES person.person (id),
    absorbed      uuid NOT NULL REFERENCES person.person (id),
    division      text NOT NULL,
    state         text NOT NULL CHECK (state IN ('case', 'proposed', 'refused', 'merged', 'undone')),
    asked_by      uuid REFERENCES person.person (id),
    asked_at      timestamptz,
    said          text NOT NULL DEFAULT '' CHECK (char_length(said) <= 500),
    conflicts     text[] NOT NULL DEFAULT '{}',
    proposed_by   uuid,
    proposed_at   timestamptz,
    evidence      text NOT NULL DEFAULT '' CHECK (char_length(evidence) <= 500),
    decided_by    uuid,
    decided_at    timestamptz,
    reason        text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 500),
    merged_at     timestamptz,
    undo_by       uuid,
    undo_asked_at timestamptz,
    undo_reason   text NOT NULL DEFAULT '' CHECK (char_length(undo_reason) <= 500),
    undone_by     uuid,
    undone_at     timestamptz,
    CONSTRAINT merge_two CHECK (kept <> absorbed),
    CONSTRAINT merge_two_deciders CHECK (decided_by <> proposed_by),
    CONSTRAINT merge_two_undoers CHECK (undone_by <> undo_by),
    CONSTRAINT merge_shown CHECK (proposed_by IS NULL OR evidence <> ''),
    CONSTRAINT merge_refused CHECK (state <> 'refused' OR (reason <> '' AND decided_by IS NOT NULL)),
    CONSTRAINT merge_made CHECK ((state IN ('merged', 'undone')) = (merged_at IS NOT NULL)),
    CONSTRAINT merge_undone CHECK ((state = 'undone') = (undone_at IS NOT NULL) AND (undone_at IS NULL) = (undone_by IS NULL)),
    CONSTRAINT merge_undo_asked CHECK ((undo_by IS NULL) = (undo_asked_at IS NULL))
);
COMMENT ON TABLE person.merge IS 'Two registrations of one human being: a case, a proposal, and what became of it';
COMMENT ON COLUMN person.merge.division IS 'Lowest division that holds both people: whose administrators decide';
COMMENT ON COLUMN person.merge.asked_by IS 'Person who says that both are theirs; null when an administrator found it';
COMMENT ON COLUMN person.merge.said IS 'What the person said about it';
COMMENT ON COLUMN person.merge.conflicts IS 'Codes of what does not fit together, as last looked at';
COMMENT ON COLUMN person.merge.proposed_by IS 'Administrator who saw the evidence; null when the person proved both registrations';
COMMENT ON COLUMN person.merge.decided_by IS 'Second administrator, or the person who proved both';
COMMENT ON COLUMN person.merge.undone_by IS 'Second administrator, or the person within thirty days';
CREATE UNIQUE INDEX merge_absorbed ON person.merge (absorbed) INCLUDE (kept) WHERE state = 'merged';
CREATE UNIQUE INDEX merge_open ON person.merge (least(kept, absorbed), greatest(kept, absorbed)) WHERE state IN ('case', 'proposed');
CREATE INDEX merge_kept ON person.merge (kept, id);
CREATE INDEX merge_waiting ON person.merge (id) WHERE state IN ('case', 'proposed') OR undo_by IS NOT NULL AND state = 'merged';
CREATE TRIGGER merge_fixed BEFORE UPDATE ON person.merge
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'asked_by', 'asked_at', 'said');
CREATE TRIGGER merge_kept_row BEFORE DELETE ON person.merge
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();

CREATE TABLE person.merge_row (
    merge uuid NOT NULL REFERENCES person.merge (id),
    tbl   text NOT NULL,
    col   text NOT NULL,
    row   uuid NOT NULL,
    was   jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (merge, tbl, col, row)
);
COMMENT ON TABLE person.merge_row IS 'Exactly which rows a merge moved or changed, so that undoing it moves back those and no others';
COMMENT ON COLUMN person.merge_row.was IS 'What the row said before, where more than its person changed';
CREATE TRIGGER merge_row_immutable BEFORE UPDATE OR DELETE ON person.merge_row
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();

-- What is written for somebody who was merged a moment ago goes to the person
-- kept. The shared lock makes a merge wait for those who are writing, and them
-- for it; a merge takes the same lock for itself alone.
-- +goose StatementBegin
CREATE FUNCTION person.standing(who uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    next uuid;
BEGIN
    WHILE who IS NOT NULL LOOP
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('person ' || who, 0));
        SELECT kept INTO next FROM person.merge WHERE absorbed = who AND state = 'merged';
        EXIT WHEN NOT FOUND;
        who := next;
    END LOOP;
    RETURN who;
END $$;

CREATE FUNCTION person.follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.person := person.standing(NEW.person);
    RETURN NEW;
END $$;

CREATE FUNCTION person.follow_family() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.guardian := person.standing(NEW.guardian);
    NEW.ward := person.standing(NEW.ward);
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION person.follow IS 'BEFORE INSERT trigger: a row for somebody merged is the kept person''s';

CREATE TRIGGER identity_document_follow BEFORE INSERT ON person.identity_document FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER consent_follow BEFORE INSERT ON person.consent FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER qualification_follow BEFORE INSERT ON person.qualification FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER guardianship_follow BEFORE INSERT ON person.guardianship FOR EACH ROW EXECUTE FUNCTION person.follow_family();
CREATE TRIGGER member_follow BEFORE INSERT ON organisation.member FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER role_grant_follow BEFORE INSERT ON account.role_grant FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER new_phone_follow BEFORE INSERT ON account.new_phone FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER calendar_follow BEFORE INSERT ON activity.calendar FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER signup_follow BEFORE INSERT ON activity.signup FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER attendance_follow BEFORE INSERT ON attendance.attendance FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER service_record_follow BEFORE INSERT ON record.service_record FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER certificate_follow BEFORE INSERT ON certificate.certificate FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER message_follow BEFORE INSERT ON notify.message FOR EACH ROW EXECUTE FUNCTION person.follow();

CREATE TRIGGER identity_document_owner BEFORE UPDATE OF person ON person.identity_document
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('person');
CREATE TRIGGER qualification_owner BEFORE UPDATE OF person ON person.qualification
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('person');

-- A person has one account of their own, and those of registrations joined to theirs.
ALTER TABLE account.account DROP CONSTRAINT account_person, ADD COLUMN joined boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN account.account.joined IS 'Came with a registration that was merged: this phone opens the kept person as well';
CREATE UNIQUE INDEX account_person ON account.account (person) WHERE NOT joined AND state = 'active';
CREATE INDEX account_people ON account.account (person);

-- What is complete or final changes its person with a merge, and nothing else.
DROP TRIGGER attendance_final ON attendance.attendance;
CREATE TRIGGER attendance_final BEFORE UPDATE ON attendance.attendance
    FOR EACH ROW WHEN (OLD.state = 'complete' AND
        (OLD.person = NEW.person OR to_jsonb(OLD.*) - 'person' IS DISTINCT FROM to_jsonb(NEW.*) - 'person'))
    EXECUTE FUNCTION kit.refuse_change();
DROP TRIGGER certificate_final ON certificate.certificate;
CREATE TRIGGER certificate_final BEFORE UPDATE ON certificate.certificate
    FOR EACH ROW WHEN (OLD.person = NEW.person OR to_jsonb(OLD.*) - 'person' IS DISTINCT FROM to_jsonb(NEW.*) - 'person')
    EXECUTE FUNCTION certificate.final_status();

-- A record that moves is a next version: the journal takes its figures from the
-- one person and gives them to the other.
ALTER TABLE record.service_record DROP CONSTRAINT service_record_change_check, DROP CONSTRAINT service_record_void_cause;
ALTER TABLE record.service_record
    ADD CONSTRAINT service_record_change CHECK (change IN ('claimed', 'confirmed', 'amended', 'disputed', 'voided', 'reinstated', 'redated', 'moved')),
    ADD CONSTRAINT service_record_void_cause CHECK (change = 'moved' OR (change = 'voided') = (cause <> ''));
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION record.guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version IS DISTINCT FROM OLD.version + 1 THEN
        RAISE EXCEPTION 'record.service_record is changed by a next version only' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.person <> NEW.person) <> (NEW.change = 'moved') OR NEW.change = 'moved' AND OLD.state <> NEW.state THEN
        RAISE EXCEPTION 'record.service_record: a move changes the person and nothing else' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.change <> 'moved' AND (OLD.state, NEW.state) NOT IN (
        ('pending', 'pending'), ('pending', 'confirmed'), ('pending', 'disputed'), ('pending', 'voided'),
        ('confirmed', 'confirmed'), ('confirmed', 'disputed'), ('confirmed', 'voided'),
        ('disputed', 'pending'), ('disputed', 'confirmed'), ('disputed', 'voided'), ('voided', 'pending')) THEN
        RAISE EXCEPTION 'record.service_record: no way from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION record.keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := '{}';
    is_now jsonb := '{}';
    before jsonb;
    about jsonb := jsonb_build_object('shift', NEW.shift, 'version', NEW.version);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, n.value), '{}')
          INTO was, is_now
          FROM jsonb_each(to_jsonb(OLD)) o JOIN jsonb_each(to_jsonb(NEW)) n USING (key)
         WHERE o.value IS DISTINCT FROM n.value
           AND o.key NOT IN ('version', 'change', 'changed_at', 'changed_by', 'cause', 'reason');
        before := record.figures(OLD);
    END IF;
    INSERT INTO record.revision (record, version, at, actor, change, cause, reason, old, new)
        VALUES (NEW.id, NEW.version, NEW.changed_at, NEW.changed_by, NEW.change, NEW.cause, NEW.reason, was, is_now);
    IF OLD.person <> NEW.person THEN
        INSERT INTO record.journal (at, kind, record, person, org, actor, payload)
            VALUES (NEW.changed_at, NEW.change, NEW.id, OLD.person, NEW.org, NEW.changed_by,
                about || jsonb_build_object('before', before, 'detail', jsonb_build_object('into', NEW.person)));
        before := NULL;
        about := about || jsonb_build_object('detail', jsonb_build_object('from', OLD.person));
    END IF;
    INSERT INTO record.journal (at, kind, record, person, org, actor, payload)
        VALUES (NEW.changed_at, NEW.change, NEW.id, NEW.person, NEW.org, NEW.changed_by,
            jsonb_strip_nulls(about || jsonb_build_object('before', before, 'after', record.figures(NEW))));
    RETURN NULL;
END $$;
-- +goose StatementEnd
