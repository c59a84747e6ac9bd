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
