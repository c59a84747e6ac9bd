-- +goose Up
CREATE SCHEMA activity;
COMMENT ON SCHEMA activity IS 'Projects, activities, shifts, sign-ups 项目、活动、班次、报名';

CREATE TABLE activity.project (
    id         uuid PRIMARY KEY,
    org        uuid NOT NULL,
    name       text NOT NULL CHECK (name <> ''),
    intro      text NOT NULL DEFAULT '',
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL
);
COMMENT ON TABLE activity.project IS 'Volunteer project 志愿服务项目: what an organisation''s activities belong to';
CREATE INDEX project_org ON activity.project (org, id);

CREATE TABLE activity.activity (
    id             uuid PRIMARY KEY,
    project        uuid NOT NULL REFERENCES activity.project,
    org            uuid NOT NULL,
    recording_unit uuid NOT NULL,
    division       text NOT NULL,
    title          text NOT NULL CHECK (title <> ''),
    content        text NOT NULL DEFAULT '',
    responsible    text NOT NULL DEFAULT '',
    contact        text NOT NULL DEFAULT '',
    field          text NOT NULL DEFAULT '',
    local_field    text NOT NULL DEFAULT '',
    objects        text[] NOT NULL DEFAULT '{}',
    guarantees     text[] NOT NULL DEFAULT '{}',
    risks          text NOT NULL DEFAULT '',
    dangerous      boolean NOT NULL DEFAULT false,
    insurance      text NOT NULL DEFAULT '',
    declarations   jsonb NOT NULL DEFAULT '{}',
    travel_counted boolean NOT NULL DEFAULT false,
    state          text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'published', 'closed', 'cancelled')),
    reason         text NOT NULL DEFAULT '',
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    created_by     uuid NOT NULL,
    submitted_at   timestamptz,
    published_at   timestamptz,
    CONSTRAINT activity_complete CHECK (state IN ('draft', 'cancelled') OR
        (content <> '' AND responsible <> '' AND field <> '' AND risks <> '')),
    CONSTRAINT activity_insured CHECK (state IN ('draft', 'cancelled') OR NOT dangerous OR insurance <> '')
);
COMMENT ON TABLE activity.activity IS 'Volunteer activity 志愿服务活动 with the fields of 67号令 art. 7, 19 and 条例 art. 12, 17';
COMMENT ON COLUMN activity.activity.recording_unit IS 'Unit that records and certifies 记录单位; may differ from org (67号令 art. 26)';
COMMENT ON COLUMN activity.activity.field IS 'National service category 服务类别 0001-0020, 0099';
COMMENT ON COLUMN activity.activity.local_field IS 'Field of the province 44xx, beside the national one, or empty';
COMMENT ON COLUMN activity.activity.declarations IS 'Six answers "is it this?" (what is no volunteering, 67号令 art. 19): {"job": false, …}';
COMMENT ON COLUMN activity.activity.reason IS 'Why it was returned or cancelled, for the organisation';
COMMENT ON COLUMN activity.activity.version IS 'Counts every change of the activity or its shifts; two tabs cannot overwrite each other';
CREATE INDEX activity_project ON activity.activity (project, id);
CREATE INDEX activity_org ON activity.activity (org, id);
CREATE INDEX activity_waiting ON activity.activity (submitted_at, id) WHERE state = 'submitted';
CREATE TRIGGER activity_fixed BEFORE UPDATE ON activity.activity
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'org', 'created_at', 'created_by');

CREATE TABLE activity.shift (
    id             uuid PRIMARY KEY,
    activity       uuid NOT NULL REFERENCES activity.activity,
    name           text NOT NULL DEFAULT '',
    starts_at      timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    place          text NOT NULL CHECK (place <> ''),
    lat            double precision CHECK (lat BETWEEN -90 AND 90),
    lon            double precision CHECK (lon BETWEEN -180 AND 180),
    radius_m       integer NOT NULL DEFAULT 0 CHECK (radius_m BETWEEN 0 AND 50000),
    capacity       integer NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
    taken          integer NOT NULL DEFAULT 0,
    waiting        integer NOT NULL DEFAULT 0,
    waiting_max    integer NOT NULL DEFAULT 0 CHECK (waiting_max BETWEEN 0 AND 100000),
    signup_from    timestamptz NOT NULL,
    signup_until   timestamptz NOT NULL,
    min_age        integer NOT NULL DEFAULT 0 CHECK (min_age BETWEEN 0 AND 150),
    max_age        integer NOT NULL DEFAULT 0 CHECK (max_age BETWEEN 0 AND 150),
    skills         text[] NOT NULL DEFAULT '{}',
    languages      text[] NOT NULL DEFAULT '{}',
    qualifications text[] NOT NULL DEFAULT '{}',
    approval       boolean NOT NULL DEFAULT false,
    state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'cancelled')),
    CONSTRAINT shift_times CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '24 hours'),
    CONSTRAINT shift_window CHECK (signup_until > signup_from AND signup_until <= ends_at),
    CONSTRAINT shift_ages CHECK (max_age = 0 OR max_age >= min_age),
    CONSTRAINT shift_point CHECK ((lat IS NULL) = (lon IS NULL)),
    CONSTRAINT shift_never_over CHECK (taken BETWEEN 0 AND capacity),
    CONSTRAINT shift_waiting CHECK (waiting >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE activity.shift IS 'Shift 班次; the counters are written by sign-ups only. Half-full pages keep counter updates on their page (HOT)';
COMMENT ON COLUMN activity.shift.name IS 'Post 岗位, when an activity has several';
COMMENT ON COLUMN activity.shift.radius_m IS 'Check-in circle in metres; 0 means the place is not judged';
COMMENT ON COLUMN activity.shift.taken IS 'Places taken: pending and confirmed sign-ups';
COMMENT ON COLUMN activity.shift.waiting_max IS 'Length of the waiting list; 0 means none';
COMMENT ON COLUMN activity.shift.max_age IS '0 means no upper limit';
CREATE INDEX shift_activity ON activity.shift (activity, starts_at, id);
CREATE TRIGGER shift_fixed BEFORE UPDATE OF id, activity ON activity.shift
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'activity');

CREATE TABLE activity.listing (
    activity  uuid NOT NULL REFERENCES activity.activity,
    title     text NOT NULL,
    org       uuid NOT NULL,
    org_name  text NOT NULL,
    field     text NOT NULL,
    division  text NOT NULL,
    dangerous boolean NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    place     text NOT NULL,
    lat       double precision,
    lon       double precision,
    keys      bigint[] NOT NULL,
    marks     bit(1024) NOT NULL,
    PRIMARY KEY (activity, starts_at)
);
COMMENT ON TABLE activity.listing IS 'What the search finds: one row for each time at which shifts of a published activity start; renewed in the transaction of every change. It has what a page of results shows, so that a hit is one row read';
COMMENT ON COLUMN activity.listing.keys IS 'Hashed terms, each with its day: words, divisions upwards, fields, squares of the map. The day in the key keeps every list of the index short, however many activities there are';

COMMENT ON COLUMN activity.listing.marks IS 'A Bloom filter of the terms: the index of the order holds it, so that walking past what does not fit reads no row';

CREATE FUNCTION activity.listing_key(term bigint, at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN term + floor((extract(epoch FROM at) + 28800) / 86400)::bigint;
COMMENT ON FUNCTION activity.listing_key IS 'The key of a hashed term on the day (UTC+8) of a time; the program counts it the same way';

CREATE INDEX listing_order ON activity.listing (starts_at, activity) INCLUDE (division, marks);
CREATE INDEX listing_keys ON activity.listing USING gin (keys) WITH (fastupdate = off);

CREATE TABLE activity.calendar (
    serial     uuid PRIMARY KEY,
    person     uuid NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE activity.calendar IS 'A person''s calendar feed 日历订阅; its secret address is made from serial with a key that is not in the database';
