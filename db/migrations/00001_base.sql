-- +goose Up
-- What several areas use: ranges with equality in one constraint, and the
-- guards that make rows immutable in the database itself.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SCHEMA kit;
COMMENT ON SCHEMA kit IS 'Guards shared by all areas; no tables';

-- +goose StatementBegin
CREATE FUNCTION kit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of %.% are never changed or deleted', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION kit.refuse_change IS 'Trigger for append-only tables: refuses UPDATE, DELETE and TRUNCATE';

-- +goose StatementBegin
CREATE FUNCTION kit.refuse_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF to_jsonb(OLD) -> name IS DISTINCT FROM to_jsonb(NEW) -> name THEN
            RAISE EXCEPTION 'column %.%.% is never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME, name
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION kit.refuse_columns IS 'BEFORE UPDATE trigger: the columns named as arguments are immutable';

-- Commit order is not number order. Who writes to an append-only table announces
-- the transaction before it takes its first number, by a shared advisory lock
-- whose key holds a mark of the table and the last number given before. Readers
-- go up to the horizon: below it every row has been committed or never will be.
-- +goose StatementBegin
CREATE FUNCTION kit.announce(mark bigint, numbers regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    me text := pg_current_xact_id()::text;
    name text := 'kapok.announced_' || mark;
BEGIN
    -- The setting ends with the transaction, and with a savepoint that is given
    -- up, exactly as the lock does.
    IF current_setting(name, true) IS DISTINCT FROM me THEN
        PERFORM pg_advisory_xact_lock_shared(mark << 48 | coalesce(pg_sequence_last_value(numbers), 0));
        PERFORM set_config(name, me, true);
    END IF;
END $$;

CREATE FUNCTION kit.horizon(mark bigint, numbers regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    given bigint := coalesce(pg_sequence_last_value(numbers), 0); -- before the look at the locks
    open_from bigint;
BEGIN
    SELECT min((classid::bigint << 32 | objid::bigint) & ((1::bigint << 48) - 1)) INTO open_from
      FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = mark
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
    RETURN least(given, open_from);
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION kit.announce IS 'Announces the writing transaction before its first row takes a number; mark (15 bits) is the table''s own';
COMMENT ON FUNCTION kit.horizon IS 'Every row up to this number has been committed or never will be; to be read by a statement that begins afterwards';
