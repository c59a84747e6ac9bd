-- +goose Up
CREATE SCHEMA certificate;
COMMENT ON SCHEMA certificate IS 'Certificates of volunteer service 志愿服务记录证明';

CREATE TABLE certificate.signing_key (
    id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{43}$'),
    public     bytea NOT NULL CHECK (octet_length(public) = 32),
    first_used timestamptz NOT NULL
);
COMMENT ON TABLE certificate.signing_key IS 'Append-only: every Ed25519 public key that ever signed a certificate, of all nodes; published as a key set';
COMMENT ON COLUMN certificate.signing_key.id IS 'JWK thumbprint, RFC 7638';
CREATE TRIGGER signing_key_immutable BEFORE UPDATE OR DELETE ON certificate.signing_key
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER signing_key_no_truncate BEFORE TRUNCATE ON certificate.signing_key
    FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();

CREATE TABLE certificate.certificate (
    id          uuid PRIMARY KEY,
    number      text NOT NULL CONSTRAINT certificate_number UNIQUE
                CHECK (number ~ '^K[0-9]{2}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]$'),
    person      uuid NOT NULL,
    statement   text NOT NULL,
    signature   bytea NOT NULL CHECK (octet_length(signature) = 64),
    signing_key text NOT NULL REFERENCES certificate.signing_key (id),
    issued_at   timestamptz NOT NULL,
    minutes     integer NOT NULL CHECK (minutes > 0),
    times       integer NOT NULL CHECK (times > 0),
    date_from   date NOT NULL,
    date_to     date NOT NULL CHECK (date_to >= date_from),
    replaces    uuid CONSTRAINT certificate_replaces_once UNIQUE REFERENCES certificate.certificate (id),
    status      text NOT NULL DEFAULT 'valid' CHECK (status IN ('valid', 'void', 'replaced')),
    status_at   timestamptz NOT NULL,
    cause       text NOT NULL DEFAULT '' CHECK (cause IN ('', 'holder', 'authority', 'hours_changed')),
    reason      text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 500),
    CONSTRAINT certificate_void_reasoned CHECK ((status = 'void') = (cause <> '')),
    CONSTRAINT certificate_reason_given CHECK (cause <> 'authority' OR reason <> '')
);
COMMENT ON TABLE certificate.certificate IS 'Issued certificates; never changed but in their status, never deleted';
COMMENT ON COLUMN certificate.certificate.number IS 'Random, with a check character; never derived from a document';
COMMENT ON COLUMN certificate.certificate.statement IS 'Canonical JSON (RFC 8785), the bytes that are signed; holds what the holder chose to show and no more';
COMMENT ON COLUMN certificate.certificate.signature IS 'Ed25519 over the bytes of statement';
COMMENT ON COLUMN certificate.certificate.replaces IS 'The certificate that this one took the place of';
COMMENT ON COLUMN certificate.certificate.cause IS 'Who or what made it void';
CREATE INDEX certificate_person ON certificate.certificate (person, issued_at, id);

-- +goose StatementBegin
CREATE FUNCTION certificate.final_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'valid' THEN
        RAISE EXCEPTION 'a certificate that is % stays so', OLD.status USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION certificate.final_status IS 'Void and replaced are final';

CREATE TRIGGER certificate_fixed BEFORE UPDATE ON certificate.certificate
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_columns('id', 'number', 'person', 'statement', 'signature', 'signing_key',
        'issued_at', 'minutes', 'times', 'date_from', 'date_to', 'replaces');
CREATE TRIGGER certificate_final BEFORE UPDATE ON certificate.certificate
    FOR EACH ROW EXECUTE FUNCTION certificate.final_status();
CREATE TRIGGER certificate_kept BEFORE DELETE ON certificate.certificate
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER certificate_no_truncate BEFORE TRUNCATE ON certificate.certificate
    FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();

CREATE TABLE certificate.basis (
    certificate uuid NOT NULL REFERENCES certificate.certificate (id),
    record      uuid NOT NULL,
    version     integer NOT NULL,
    PRIMARY KEY (record, certificate)
);
COMMENT ON TABLE certificate.basis IS 'The service records behind each certificate and their versions: whose change makes it void';
CREATE TRIGGER basis_immutable BEFORE UPDATE OR DELETE ON certificate.basis
    FOR EACH ROW EXECUTE FUNCTION kit.refuse_change();
CREATE TRIGGER basis_no_truncate BEFORE TRUNCATE ON certificate.basis
    FOR EACH STATEMENT EXECUTE FUNCTION kit.refuse_change();
