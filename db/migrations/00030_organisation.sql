-- +goose Up
CREATE SCHEMA organisation;
COMMENT ON SCHEMA organisation IS 'Organisations and their members 志愿服务组织、成员';

CREATE TABLE organisation.organisation (
    id            uuid PRIMARY KEY,
    name          text NOT NULL CHECK (name <> ''),
    name_key      text NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('group', 'volunteer_org', 'legal_person', 'offshore')),
    division      text NOT NULL,
    county        text NOT NULL,
    credit_code   text NOT NULL DEFAULT '',
    registry_no   text NOT NULL DEFAULT '',
    guiding_unit  text NOT NULL DEFAULT '',
    filing_kind   text NOT NULL DEFAULT '' CHECK (filing_kind IN ('', 'office', 'temporary')),
    filing_no     text NOT NULL DEFAULT '',
    filing_from   date,
    filing_to     date,
    partner       text NOT NULL DEFAULT '',
    phone         text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    address       text NOT NULL DEFAULT '',
    fields        text[] NOT NULL DEFAULT '{}' CHECK (cardinality(fields) <= 4),
    intro         text NOT NULL DEFAULT '',
    state         text NOT NULL CHECK (state IN ('applied', 'returned', 'refused', 'approved', 'suspended')),
    reason        text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    applied_at    timestamptz NOT NULL,
    applied_by    uuid NOT NULL,
    decided_at    timestamptz,
    CONSTRAINT organisation_group_guided CHECK (kind <> 'group' OR guiding_unit <> ''),
    CONSTRAINT organisation_registered CHECK (kind NOT IN ('volunteer_org', 'legal_person') OR credit_code <> '' OR registry_no <> ''),
    CONSTRAINT organisation_filed CHECK (kind <> 'offshore' OR
        (filing_kind <> '' AND filing_no <> '' AND filing_from IS NOT NULL AND filing_to >= filing_from)),
    CONSTRAINT organisation_reasoned CHECK (state NOT IN ('returned', 'refused', 'suspended') OR reason <> '')
);
COMMENT ON TABLE organisation.organisation IS 'Volunteer organisations and other bodies that recruit volunteers (67号令 art. 2, 26)';
COMMENT ON COLUMN organisation.organisation.name_key IS 'Name without spaces and width, for "same name in one county"';
COMMENT ON COLUMN organisation.organisation.county IS 'County above division, or the city where there are none';
COMMENT ON COLUMN organisation.organisation.credit_code IS 'Unified social credit code 统一社会信用代码 (GB 32100)';
COMMENT ON COLUMN organisation.organisation.registry_no IS 'Number in the register of Hong Kong or Macao';
COMMENT ON COLUMN organisation.organisation.guiding_unit IS 'Neighbourhood committee or unit that guides a group (67号令 art. 26)';
COMMENT ON COLUMN organisation.organisation.filing_kind IS 'Offshore bodies: representative office or temporary activity';
COMMENT ON COLUMN organisation.organisation.phone IS 'Public telephone of the organisation, never a private person''s';
CREATE UNIQUE INDEX organisation_name ON organisation.organisation (name_key, county) WHERE state <> 'refused';
CREATE UNIQUE INDEX organisation_code ON organisation.organisation (credit_code) WHERE credit_code <> '' AND state <> 'refused';
CREATE INDEX organisation_division ON organisation.organisation (division, state, id);
CREATE INDEX organisation_applicant ON organisation.organisation (applied_by, id);
CREATE TRIGGER organisation_fixed BEFORE UPDATE ON organisation.organisation
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'applied_by', 'applied_at');

CREATE TABLE organisation.member (
    org      uuid NOT NULL REFERENCES organisation.organisation,
    person   uuid NOT NULL,
    role     text NOT NULL CHECK (role IN ('org_admin', 'org_approver', 'org_recorder', 'team_leader', 'member')),
    added_at timestamptz NOT NULL,
    added_by uuid NOT NULL,
    PRIMARY KEY (org, person)
);
COMMENT ON TABLE organisation.member IS 'Who belongs to an organisation, with one role each; the history is in the audit';
CREATE INDEX member_person ON organisation.member (person);
