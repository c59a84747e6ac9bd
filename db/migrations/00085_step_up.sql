-- +goose Up
ALTER TABLE account.session ADD COLUMN proved_at timestamptz;
UPDATE account.session SET proved_at = created_at;
ALTER TABLE account.session ALTER COLUMN proved_at SET NOT NULL;
COMMENT ON COLUMN account.session.proved_at IS 'When its owner last showed who they are; exports and decisions want that to be recent';
