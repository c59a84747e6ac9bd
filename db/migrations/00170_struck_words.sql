-- +goose Up
-- What was said about a person is struck when the person is erased, also where
-- rows never change otherwise: a dash stands in its place, so that what had to
-- be said is still seen to have been said. Nothing else can be put there, and
-- only in a transaction that named the person in kit.erase.

-- +goose StatementBegin
CREATE FUNCTION kit.erases(rec jsonb) RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(coalesce(rec ->> 'person', current_setting('kit.erase', true)) = nullif(current_setting('kit.erase', true), ''), false);

CREATE FUNCTION kit.struck(words text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE words WHEN '' THEN '' ELSE '—' END;

CREATE FUNCTION kit.strikes(was jsonb, is_now jsonb, word text) RETURNS boolean LANGUAGE sql STABLE
    RETURN kit.erases(was) AND is_now = was || jsonb_build_object(word, kit.struck(was ->> word));

CREATE OR REPLACE FUNCTION kit.refuse_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
    erases boolean := kit.erases(was);
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF was -> name IS DISTINCT FROM is_now -> name AND NOT kit.exchanges(was ->> name, is_now ->> name)
            AND NOT (erases AND is_now ->> name = kit.struck(was ->> name)) THEN
            RAISE EXCEPTION 'column %.%.% is never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME, name
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION kit.erases IS 'The transaction erases the person whose row it is, or somebody where the row names nobody';
COMMENT ON FUNCTION kit.struck IS 'What stands where words were struck';
COMMENT ON FUNCTION kit.strikes IS 'The words of one column are struck, and nothing else changes';
COMMENT ON FUNCTION kit.refuse_columns IS 'BEFORE UPDATE trigger: the columns named as arguments are immutable, but that a merge puts one person in the other''s place, and that words are struck';

DROP TRIGGER attendance_final ON attendance.attendance;
CREATE TRIGGER attendance_final BEFORE UPDATE ON attendance.attendance
    FOR EACH ROW WHEN (OLD.state = 'complete' AND NOT kit.strikes(to_jsonb(OLD.*), to_jsonb(NEW.*), 'reason') AND
        (OLD.person = NEW.person OR to_jsonb(OLD.*) - 'person' IS DISTINCT FROM to_jsonb(NEW.*) - 'person'))
    EXECUTE FUNCTION kit.refuse_change();
DROP TRIGGER missing_out_final ON attendance.missing_out;
CREATE TRIGGER missing_out_final BEFORE UPDATE ON attendance.missing_out
    FOR EACH ROW WHEN (OLD.settled_at IS NOT NULL AND OLD.settled_how <> 'dismissed' AND NOT kit.strikes(to_jsonb(OLD.*), to_jsonb(NEW.*), 'answer_note'))
    EXECUTE FUNCTION kit.refuse_change();

-- Striking words is no version: hours, revision and journal stay as they are.
DROP TRIGGER service_record_guard ON record.service_record;
CREATE TRIGGER service_record_guard BEFORE UPDATE ON record.service_record
    FOR EACH ROW WHEN (NOT kit.strikes(to_jsonb(OLD.*), to_jsonb(NEW.*), 'reason')) EXECUTE FUNCTION record.guard();
DROP TRIGGER service_record_keep ON record.service_record;
CREATE TRIGGER service_record_keep AFTER INSERT ON record.service_record
    FOR EACH ROW EXECUTE FUNCTION record.keep();
CREATE TRIGGER service_record_keep_change AFTER UPDATE ON record.service_record
    FOR EACH ROW WHEN (NOT kit.strikes(to_jsonb(OLD.*), to_jsonb(NEW.*), 'reason')) EXECUTE FUNCTION record.keep();
DROP TRIGGER revision_immutable ON record.revision;
CREATE TRIGGER revision_immutable BEFORE UPDATE ON record.revision
    FOR EACH ROW WHEN (NOT kit.strikes(to_jsonb(OLD.*), to_jsonb(NEW.*), 'reason')) EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER revision_kept BEFORE DELETE ON record.revision
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();

-- What a merge had put aside is forgotten: nobody takes apart what is erased.
DROP TRIGGER merge_row_immutable ON person.merge_row;
CREATE TRIGGER merge_row_immutable BEFORE UPDATE ON person.merge_row
    FOR EACH ROW WHEN (NOT kit.erases(to_jsonb(OLD.*)) OR to_jsonb(NEW.*) IS DISTINCT FROM to_jsonb(OLD.*) || '{"was": {}}') EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER merge_row_kept BEFORE DELETE ON person.merge_row
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
