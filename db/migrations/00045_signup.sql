-- +goose Up
CREATE TABLE activity.signup (
    id         uuid PRIMARY KEY,
    shift      uuid NOT NULL REFERENCES activity.shift,
    person     uuid NOT NULL,
    signed_by  uuid NOT NULL,
    state      text NOT NULL CHECK (state IN ('pending', 'confirmed', 'waiting', 'cancelled', 'refused')),
    during     tstzrange NOT NULL CHECK (NOT isempty(during)),
    queue      bigint NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid,
    notice_min integer CHECK (notice_min >= 0),
    reason     text NOT NULL DEFAULT '',
    CONSTRAINT signup_notice CHECK (notice_min IS NULL OR state = 'cancelled'),
    CONSTRAINT signup_no_overlap EXCLUDE USING gist (person WITH =, during WITH &&)
        WHERE (state IN ('pending', 'confirmed'))
);
COMMENT ON TABLE activity.signup IS 'Sign-up 报名; pending and confirmed ones hold a place of the shift, waiting ones stand in its queue';
COMMENT ON COLUMN activity.signup.signed_by IS 'The person, or the guardian who signed for a minor';
COMMENT ON COLUMN activity.signup.during IS 'Time of the shift, kept here so that one person''s places cannot overlap, whatever the shifts';
COMMENT ON COLUMN activity.signup.queue IS 'Order in which requests got their turn; the waiting list moves up in this order';
COMMENT ON COLUMN activity.signup.changed_by IS 'Who made the last change of state; null when the waiting list moved up by itself';
COMMENT ON COLUMN activity.signup.notice_min IS 'Minutes between cancelling and the start of the shift (条例 art. 22)';
COMMENT ON COLUMN activity.signup.reason IS 'What the organisation said when it refused or cancelled';

CREATE UNIQUE INDEX signup_once ON activity.signup (shift, person) WHERE state <> 'cancelled';
COMMENT ON INDEX activity.signup_once IS 'One sign-up a person and shift; after cancelling a new one may follow, after a refusal not';
CREATE INDEX signup_person ON activity.signup (person, queue);
CREATE INDEX signup_waiting ON activity.signup (shift, queue) WHERE state = 'waiting';
CREATE INDEX signup_waiting_due ON activity.signup (lower(during)) WHERE state = 'waiting';
CREATE TRIGGER signup_fixed BEFORE UPDATE ON activity.signup
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'shift', 'person', 'signed_by', 'queue', 'created_at');
CREATE TRIGGER signup_kept BEFORE DELETE ON activity.signup
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();

-- A batch takes one number and counts on from it, so a batch is at most this long.
CREATE SEQUENCE activity.signup_queue INCREMENT BY 1000;
