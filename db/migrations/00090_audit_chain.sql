-- +goose Up
-- The chain over the audit. Writers never wait for each other: a statement that
-- inserts entries announces its transaction before it takes its first number
-- (a shared advisory lock whose key holds the last number given, as the journal
-- of hours does), and one sealer chains, afterwards and in the order of their
-- numbers, what lies below every writer still open.

-- +goose StatementBegin
CREATE FUNCTION audit.announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kit.announce(24524, 'audit.entry_id_seq');
    RETURN NULL;
END $$;

CREATE FUNCTION audit.horizon() RETURNS bigint LANGUAGE sql
    RETURN kit.horizon(24524, 'audit.entry_id_seq');
-- +goose StatementEnd
COMMENT ON FUNCTION audit.announce IS 'Announces the writing transaction before its first entry takes a number; 24524 marks the keys of these locks';
COMMENT ON FUNCTION audit.horizon IS 'Every entry up to this number has been committed or never will be; to be read by a statement that begins afterwards';
CREATE TRIGGER entry_announce BEFORE INSERT ON audit.entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit.announce();

CREATE TABLE audit.seal (
    seq       bigint PRIMARY KEY CHECK (seq > 0),
    entry     bigint NOT NULL UNIQUE,
    previous  bytea NOT NULL CHECK (octet_length(previous) = 32),
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
    sealed_at timestamptz NOT NULL
);
COMMENT ON TABLE audit.seal IS 'The chain: one seal an entry, each holding the hash of the one before';
COMMENT ON COLUMN audit.seal.hash IS 'HMAC-SM3 over seq, previous and the entry, with a key that is not in the database';

CREATE TABLE audit.checkpoint (
    seq     bigint PRIMARY KEY,
    entry   bigint NOT NULL,
    hash    bytea NOT NULL CHECK (octet_length(hash) = 32),
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE audit.checkpoint IS 'Where the chain begins after entries older than the keeping time were deleted: the last seal that went';

CREATE TABLE audit.subject (
    entry  bigint NOT NULL,
    person uuid NOT NULL,
    PRIMARY KEY (person, entry)
);
COMMENT ON TABLE audit.subject IS 'Whose personal data an entry of reading is about; the entry holds their number and digest';
CREATE INDEX subject_entry ON audit.subject (entry);

-- +goose StatementBegin
CREATE FUNCTION audit.expired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at < now() - interval '3 years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of audit.entry are kept for three years' USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION audit.passed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    upto bigint;
BEGIN
    SELECT CASE TG_TABLE_NAME WHEN 'seal' THEN max(seq) ELSE max(entry) END INTO upto FROM audit.checkpoint;
    IF (CASE TG_TABLE_NAME WHEN 'seal' THEN (to_jsonb(OLD) ->> 'seq')::bigint ELSE OLD.entry END) <= upto THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of audit.% go only below a checkpoint', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION audit.expired IS 'Entries are deleted only after three years (the law asks for six months, 网络安全法 art. 21)';

DROP TRIGGER entry_immutable ON audit.entry;
CREATE TRIGGER entry_immutable BEFORE UPDATE ON audit.entry FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER entry_kept BEFORE DELETE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.expired();
CREATE TRIGGER seal_immutable BEFORE UPDATE ON audit.seal FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER seal_kept BEFORE DELETE ON audit.seal FOR EACH ROW EXECUTE FUNCTION audit.passed();
CREATE TRIGGER seal_no_truncate BEFORE TRUNCATE ON audit.seal FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER subject_immutable BEFORE UPDATE ON audit.subject FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER subject_kept BEFORE DELETE ON audit.subject FOR EACH ROW EXECUTE FUNCTION audit.passed();
CREATE TRIGGER subject_no_truncate BEFORE TRUNCATE ON audit.subject FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER checkpoint_immutable BEFORE UPDATE OR DELETE ON audit.checkpoint FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON audit.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();

-- The auditor's search goes by these, newest first.
CREATE INDEX entry_action ON audit.entry (action, id);
CREATE INDEX entry_at ON audit.entry (at, id);
