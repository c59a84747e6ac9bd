-- +goose Up
CREATE SCHEMA attendance;
COMMENT ON SCHEMA attendance IS 'Check-in and check-out 签到、签退';

CREATE TABLE attendance.attendance (
    id         uuid PRIMARY KEY,
    shift      uuid NOT NULL,
    person     uuid NOT NULL,
    signup     uuid,
    org        uuid NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'complete', 'unconfirmed', 'dismissed')),
    in_at      timestamptz NOT NULL,
    in_method  text NOT NULL CHECK (in_method IN ('qr', 'code', 'card', 'manual', 'manual_late')),
    in_place   text NOT NULL CHECK (in_place IN ('near', 'far', 'unknown')),
    in_by      uuid,
    out_at     timestamptz,
    out_method text CHECK (out_method IN ('qr', 'code', 'card', 'manual', 'manual_late', 'settled')),
    out_place  text CHECK (out_place IN ('near', 'far', 'unknown')),
    out_by     uuid,
    closes_at  timestamptz NOT NULL,
    reason     text NOT NULL DEFAULT '',
    CONSTRAINT attendance_once UNIQUE (shift, person),
    CONSTRAINT attendance_order CHECK (out_at > in_at),
    CONSTRAINT attendance_whole CHECK ((state = 'complete') = (out_at IS NOT NULL)),
    CONSTRAINT attendance_out CHECK ((out_at IS NULL) = (out_method IS NULL) AND (out_at IS NULL) = (out_place IS NULL)),
    CONSTRAINT attendance_handed CHECK (in_method NOT LIKE 'manual%' OR (in_by IS NOT NULL AND reason <> '')),
    CONSTRAINT attendance_dismissed CHECK (state <> 'dismissed' OR reason <> '')
);
COMMENT ON TABLE attendance.attendance IS 'One person at one shift. A position is judged and dropped: only near, far or unknown is kept';
COMMENT ON COLUMN attendance.attendance.signup IS 'Null when the person came without a sign-up';
COMMENT ON COLUMN attendance.attendance.in_by IS 'Organiser who scanned or wrote the entry; null when the volunteer did it himself';
COMMENT ON COLUMN attendance.attendance.closes_at IS 'Until then the volunteer can check out; afterwards the organiser says when the person left';
COMMENT ON COLUMN attendance.attendance.reason IS 'What the organiser said for a manual, settled or dismissed one';
CREATE UNIQUE INDEX attendance_one_open ON attendance.attendance (person) WHERE state = 'open';
CREATE INDEX attendance_forgotten ON attendance.attendance (closes_at) WHERE state = 'open';
CREATE INDEX attendance_unconfirmed ON attendance.attendance (org, closes_at) WHERE state = 'unconfirmed';
CREATE INDEX attendance_person ON attendance.attendance (person, in_at);
CREATE TRIGGER attendance_fixed BEFORE UPDATE ON attendance.attendance
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'shift', 'person', 'signup', 'org', 'in_at', 'in_method', 'in_place', 'in_by');
CREATE TRIGGER attendance_final BEFORE UPDATE ON attendance.attendance
    FOR EACH ROW WHEN (OLD.state = 'complete') EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER attendance_kept BEFORE DELETE ON attendance.attendance
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();

CREATE TABLE attendance.missing_out (
    attendance    uuid PRIMARY KEY REFERENCES attendance.attendance,
    opened_at     timestamptz NOT NULL,
    asked_at      timestamptz,
    asked_by      uuid,
    answered_at   timestamptz,
    answer_out_at timestamptz,
    answer_note   text NOT NULL DEFAULT '',
    settled_at    timestamptz,
    settled_by    uuid,
    settled_how   text CHECK (settled_how IN ('shift_end', 'actual', 'answer', 'dismissed')),
    CONSTRAINT missing_out_asked CHECK ((asked_at IS NULL) = (asked_by IS NULL)),
    CONSTRAINT missing_out_answered CHECK ((answered_at IS NULL) = (answer_out_at IS NULL)),
    CONSTRAINT missing_out_settled CHECK ((settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (settled_how IS NULL))
);
COMMENT ON TABLE attendance.missing_out IS 'Case of a forgotten check-out 待确认: asked, answered, settled; hours are never voided in silence (67号令 art. 13)';
CREATE TRIGGER missing_out_final BEFORE UPDATE ON attendance.missing_out
    FOR EACH ROW WHEN (OLD.settled_at IS NOT NULL AND OLD.settled_how <> 'dismissed') EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER missing_out_kept BEFORE DELETE ON attendance.missing_out
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();

CREATE TABLE attendance.wrong_code (
    who   uuid PRIMARY KEY,
    since timestamptz NOT NULL,
    tries integer NOT NULL CHECK (tries > 0)
);
COMMENT ON TABLE attendance.wrong_code IS 'Wrong digits typed by a person within the present span; guessing stops after a few';
