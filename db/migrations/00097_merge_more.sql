-- +goose Up
-- What is written for somebody merged goes to the person kept, here as well.
CREATE TRIGGER link_follow BEFORE INSERT ON federation.link FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER consent_follow BEFORE INSERT ON idp.consent FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER grant_follow BEFORE INSERT ON idp.grant FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER request_follow BEFORE INSERT ON privacy.request FOR EACH ROW EXECUTE FUNCTION person.follow();
CREATE TRIGGER access_follow BEFORE INSERT ON privacy.access FOR EACH ROW EXECUTE FUNCTION person.follow();

-- What is final changes its person with a merge, and says nothing any more once
-- it is erased; else it stays as it is.
DROP TRIGGER certificate_final ON certificate.certificate;
CREATE TRIGGER certificate_final BEFORE UPDATE ON certificate.certificate
    FOR EACH ROW WHEN (NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND (OLD.status = NEW.status OR OLD.status = 'valid'))
        AND (OLD.person = NEW.person OR to_jsonb(OLD.*) - 'person' IS DISTINCT FROM to_jsonb(NEW.*) - 'person'))
    EXECUTE FUNCTION certificate.final_status();
