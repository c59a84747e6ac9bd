-- +goose Up
-- A closed account holds its phone no longer: else the phone would be "already
-- registered" and "unknown" at once.
ALTER TABLE account.account DROP CONSTRAINT account_phone;
CREATE UNIQUE INDEX account_phone ON account.account (phone_hash) WHERE state = 'active';
