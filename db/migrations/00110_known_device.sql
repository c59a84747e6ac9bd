-- +goose Up
CREATE TABLE account.known_device (
    account uuid NOT NULL REFERENCES account.account,
    secret  bytea NOT NULL,
    session uuid NOT NULL,
    name    text NOT NULL,
    since   timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (account, secret)
);
COMMENT ON TABLE account.known_device IS 'Devices that signed in to an account before: what strangers try does not slow them, and they are no news to its owner';
COMMENT ON COLUMN account.known_device.secret IS 'SHA-256 of what the device keeps, which has 256 random bits; the accounts of one browser share it';
COMMENT ON COLUMN account.known_device.session IS 'The latest session of the device; who ends it by hand has the device forgotten';
CREATE INDEX known_device_secret ON account.known_device (secret);
CREATE INDEX known_device_seen ON account.known_device (seen_at);

ALTER TABLE account.code ADD COLUMN asker bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN account.code.asker IS 'Keyed hash of the device or address that asked: a stranger who asks does not replace the code its owner waits for';
