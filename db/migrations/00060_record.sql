-- +goose Up
CREATE SCHEMA record;
COMMENT ON SCHEMA record IS 'Service records, their history, the journal and its readers 服务记录、流水';

-- The journal. Sequence order is not commit order: a reader that simply goes on
-- from the last number it saw would skip an event that commits late. So writers
-- announce themselves: before a transaction takes its first number it takes a
-- shared advisory lock whose key holds the last number given so far, and keeps
-- it until it ends. All it writes has larger numbers, so whatever lies at or
-- below the smallest key now held, and was given before one looked, is settled.
-- Locks belong to one database: a long transaction that writes no event, or runs
-- in another database of the server, holds nobody up (the snapshot's xmin would),
-- and a restore into another server keeps the order.
CREATE SEQUENCE record.journal_seq;

CREATE TABLE record.journal (
    seq     bigint PRIMARY KEY,
    at      timestamptz NOT NULL,
    kind    text NOT NULL CHECK (kind ~ '^[a-z][a-z_]*$'),
    record  uuid,
    person  uuid NOT NULL,
    org     uuid NOT NULL,
    actor   uuid,
    payload jsonb NOT NULL DEFAULT '{}'
);
ALTER SEQUENCE record.journal_seq OWNED BY record.journal.seq;
COMMENT ON TABLE record.journal IS 'Append-only: everything that happens to an hour. Readers go by seq up to record.horizon(), so a late commit is never skipped';
COMMENT ON COLUMN record.journal.record IS 'Null when the hour has no record yet (forgotten check-out)';
COMMENT ON COLUMN record.journal.payload IS 'Figures before and after; no personal data';

-- +goose StatementBegin
CREATE FUNCTION record.number_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kit.announce(24523, 'record.journal_seq');
    NEW.seq := nextval('record.journal_seq');
    RETURN NEW;
END $$;

CREATE FUNCTION record.horizon() RETURNS bigint LANGUAGE sql
    RETURN kit.horizon(24523, 'record.journal_seq');
-- +goose StatementEnd
COMMENT ON FUNCTION record.number_event IS 'Announces the writing transaction, then gives the event its number; 24523 marks the keys of these locks';
COMMENT ON FUNCTION record.horizon IS 'Every event up to this number has been committed or never will be; to be read by a statement that begins afterwards';
CREATE TRIGGER journal_number BEFORE INSERT ON record.journal
    FOR EACH ROW EXECUTE FUNCTION record.number_event();
CREATE INDEX journal_record ON record.journal (record, seq);
CREATE TRIGGER journal_immutable BEFORE UPDATE OR DELETE ON record.journal
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON record.journal
    FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();

CREATE TABLE record.reader (
    name     text PRIMARY KEY,
    seq      bigint NOT NULL DEFAULT 0,
    events   bigint NOT NULL DEFAULT 0,
    moved_at timestamptz
);
COMMENT ON TABLE record.reader IS 'Cursors: each reader''s place in the journal, moved in the transaction that handles the events';

-- The records.
CREATE TABLE record.service_record (
    id              uuid PRIMARY KEY,
    person          uuid NOT NULL,
    org             uuid NOT NULL,
    recorder_org    uuid NOT NULL,
    activity        uuid NOT NULL,
    shift           uuid NOT NULL,
    attendance      uuid,
    signed_up       boolean NOT NULL,
    division        text NOT NULL,
    field           text NOT NULL,

    activity_name   text NOT NULL CHECK (activity_name <> ''),
    service_date    date NOT NULL,
    place           text NOT NULL CHECK (place <> ''),
    content         text NOT NULL CHECK (content <> ''),
    minutes         integer NOT NULL,
    organiser       text NOT NULL CHECK (organiser <> ''),
    responsible     text NOT NULL CHECK (responsible <> ''),
    recording_unit  text NOT NULL CHECK (recording_unit <> ''),
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    travel_counted  boolean NOT NULL DEFAULT false,

    entry_way       text NOT NULL CHECK (entry_way IN ('qr', 'code', 'card', 'manual', 'import', 'paper', 'federated')),
    grade           text NOT NULL CHECK (grade IN ('A', 'B', 'C', 'D', 'E')),
    state           text NOT NULL CHECK (state IN ('pending', 'confirmed', 'disputed', 'voided')),

    activity_end_at timestamptz NOT NULL,
    due_on          date NOT NULL,
    due_estimated   boolean NOT NULL,
    recorder        uuid,
    recorded_at     timestamptz NOT NULL,
    approver        uuid,
    confirmed_at    timestamptz,
    late            boolean NOT NULL DEFAULT false,

    version         integer NOT NULL DEFAULT 1,
    change          text NOT NULL CHECK (change IN ('claimed', 'confirmed', 'amended', 'disputed', 'voided', 'reinstated', 'redated')),
    changed_at      timestamptz NOT NULL,
    changed_by      uuid,
    cause           text NOT NULL DEFAULT '' CHECK (cause IN ('', 'not_given', 'duplicate', 'not_volunteering', 'wrong_person', 'false')),
    reason          text NOT NULL DEFAULT '',

    CONSTRAINT service_record_minutes CHECK (minutes BETWEEN 1 AND 1440),
    CONSTRAINT service_record_within CHECK (ends_at >= starts_at + minutes * interval '1 minute'),
    CONSTRAINT service_record_two_people CHECK (approver <> recorder),
    CONSTRAINT service_record_not_own CHECK (approver <> person),
    CONSTRAINT service_record_confirmed CHECK (state <> 'confirmed' OR (approver IS NOT NULL AND confirmed_at IS NOT NULL)),
    CONSTRAINT service_record_reasoned CHECK (change NOT IN ('amended', 'disputed', 'voided', 'reinstated') OR reason <> ''),
    CONSTRAINT service_record_void_cause CHECK ((change = 'voided') = (cause <> '')),
    CONSTRAINT service_record_no_overlap EXCLUDE USING gist (person WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (state = 'confirmed')
);
COMMENT ON TABLE record.service_record IS 'One stretch of service of one person (67号令 art. 7). Never deleted or overwritten: every change is a version with its revision';
COMMENT ON COLUMN record.service_record.org IS 'Organisation that ran the activity and confirms; recorder_org is the recording unit (67号令 art. 26)';
COMMENT ON COLUMN record.service_record.attendance IS 'Attendance it was claimed from; null for entries without one';
COMMENT ON COLUMN record.service_record.activity_name IS 'This and the next six: the seven statutory fields, as they were when recorded';
COMMENT ON COLUMN record.service_record.minutes IS 'Service time actually given, whole minutes, without breaks and (unless travel_counted) travel';
COMMENT ON COLUMN record.service_record.grade IS 'Evidence grade: A strongest, E typed in afterwards; rule in package attendance';
COMMENT ON COLUMN record.service_record.due_on IS 'Last day to record in time: ten working days after the end (67号令 art. 11)';
COMMENT ON COLUMN record.service_record.due_estimated IS 'The holidays of that year were not known yet; reckoned Monday to Friday';
COMMENT ON COLUMN record.service_record.recorder IS 'Who typed the entry by hand; null when it came from attendance in which the volunteer took part';
COMMENT ON COLUMN record.service_record.late IS 'Confirmed after due_on';
COMMENT ON COLUMN record.service_record.cause IS 'Why it was voided, by code; not_volunteering is 67号令 art. 19';
COMMENT ON COLUMN record.service_record.change IS 'What made this version, by whom (null: the system) and why; copied into the revision';
CREATE UNIQUE INDEX service_record_attendance ON record.service_record (attendance);
CREATE INDEX service_record_person ON record.service_record (person, service_date, id);
CREATE INDEX service_record_shift ON record.service_record (shift);
CREATE INDEX service_record_disputed ON record.service_record (org, changed_at) WHERE state = 'disputed';
CREATE INDEX service_record_estimated ON record.service_record (due_on) WHERE due_estimated AND state = 'pending';

CREATE TABLE record.revision (
    record  uuid NOT NULL REFERENCES record.service_record,
    version integer NOT NULL,
    at      timestamptz NOT NULL,
    actor   uuid,
    change  text NOT NULL,
    cause   text NOT NULL,
    reason  text NOT NULL,
    old     jsonb NOT NULL,
    new     jsonb NOT NULL,
    PRIMARY KEY (record, version)
);
COMMENT ON TABLE record.revision IS 'Append-only: each version of a record with what changed, who, why and when; written by trigger, so no change can do without';
COMMENT ON COLUMN record.revision.old IS 'The columns that changed, as they were; empty for the first version';
CREATE TRIGGER revision_immutable BEFORE UPDATE OR DELETE ON record.revision
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER revision_no_truncate BEFORE TRUNCATE ON record.revision
    FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();

-- +goose StatementBegin
CREATE FUNCTION record.guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version IS DISTINCT FROM OLD.version + 1 THEN
        RAISE EXCEPTION 'record.service_record is changed by a next version only' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('pending', 'pending'), ('pending', 'confirmed'), ('pending', 'disputed'), ('pending', 'voided'),
        ('confirmed', 'confirmed'), ('confirmed', 'disputed'), ('confirmed', 'voided'),
        ('disputed', 'pending'), ('disputed', 'confirmed'), ('disputed', 'voided'), ('voided', 'pending')) THEN
        RAISE EXCEPTION 'record.service_record: no way from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- What readers count: enough to add and to take away again.
CREATE FUNCTION record.figures(r record.service_record) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('state', r.state, 'minutes', r.minutes, 'grade', r.grade, 'field', r.field,
        'year', extract(year FROM r.service_date)::integer)
$$;

CREATE FUNCTION record.keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := '{}';
    is_now jsonb := '{}';
    before jsonb;
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
    INSERT INTO record.journal (at, kind, record, person, org, actor, payload)
        VALUES (NEW.changed_at, NEW.change, NEW.id, NEW.person, NEW.org, NEW.changed_by,
            jsonb_strip_nulls(jsonb_build_object('shift', NEW.shift, 'version', NEW.version,
                'before', before, 'after', record.figures(NEW))));
    RETURN NULL;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION record.keep IS 'Writes revision and journal event of every version, so that neither can be left out';

CREATE TRIGGER service_record_fixed BEFORE UPDATE ON record.service_record
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'person', 'org', 'recorder_org', 'activity', 'shift', 'attendance',
        'signed_up', 'entry_way', 'activity_end_at', 'recorder', 'recorded_at');
CREATE TRIGGER service_record_guard BEFORE UPDATE ON record.service_record
    FOR EACH ROW EXECUTE FUNCTION record.guard();
CREATE TRIGGER service_record_keep AFTER INSERT OR UPDATE ON record.service_record
    FOR EACH ROW EXECUTE FUNCTION record.keep();
CREATE TRIGGER service_record_kept BEFORE DELETE ON record.service_record
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER service_record_no_truncate BEFORE TRUNCATE ON record.service_record
    FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();

-- What readers keep; all of it can be rebuilt from the journal.
CREATE TABLE record.hours_total (
    person            uuid NOT NULL,
    year              integer NOT NULL,
    org               uuid NOT NULL,
    field             text NOT NULL,
    grade             text NOT NULL,
    confirmed_minutes integer NOT NULL DEFAULT 0,
    confirmed_count   integer NOT NULL DEFAULT 0,
    pending_minutes   integer NOT NULL DEFAULT 0,
    pending_count     integer NOT NULL DEFAULT 0,
    PRIMARY KEY (person, year, org, field, grade)
);
COMMENT ON TABLE record.hours_total IS 'Reader "totals": hours of a person by year, organisation, field and grade; disputed ones count as pending';

CREATE TABLE record.shift_clock (
    shift         uuid PRIMARY KEY,
    org           uuid NOT NULL,
    division      text NOT NULL,
    title         text NOT NULL,
    ends_at       timestamptz NOT NULL,
    due_on        date NOT NULL,
    due_estimated boolean NOT NULL,
    pending       integer NOT NULL DEFAULT 0,
    missing       integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE record.shift_clock IS 'Reader "clock": shifts with hours still to be confirmed or check-outs missing, and their last day';
CREATE INDEX shift_clock_org ON record.shift_clock (org, due_on, shift) WHERE pending + missing > 0;
CREATE INDEX shift_clock_division ON record.shift_clock (division text_pattern_ops, due_on, shift) WHERE pending + missing > 0;
