-- +goose Up
CREATE SCHEMA region;
COMMENT ON SCHEMA region IS 'Administrative divisions 行政区划';

CREATE TABLE region.division (
    code       text PRIMARY KEY CHECK (code ~ '^[0-9]{6}([0-9]{3}){0,2}$'),
    parent     text REFERENCES region.division (code),
    level      text NOT NULL CHECK (level IN ('province', 'sar', 'city', 'county', 'town', 'village')),
    name_hans  text NOT NULL,
    name_hant  text NOT NULL DEFAULT '',
    name_en    text NOT NULL DEFAULT '',
    valid_from date NOT NULL DEFAULT '2023-01-01',
    valid_to   date,
    CHECK (valid_to IS NULL OR valid_to > valid_from)
);
COMMENT ON TABLE region.division IS 'GB/T 2260 to county (6 digits), 9 digits a town, 12 a village; never renamed, only superseded';
CREATE INDEX division_parent ON region.division (parent);
