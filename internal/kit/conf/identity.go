package conf

import (
	"net"
	"net/url"
	"regexp"
	"strings"
)

// IdentityProvider is an OpenID provider that vouches for people: 网号／网证,
// 统一身份认证, iAM Smart, 一戶通 or any other that speaks OpenID Connect.
type IdentityProvider struct {
	ID         string `toml:"id"` // part of its redirect URI; never changes
	NameHans   string `toml:"name_zh_hans"`
	NameHant   string `toml:"name_zh_hant"`
	NameEn     string `toml:"name_en"`
	Issuer     string `toml:"issuer"` // exactly as the provider's discovery document has it
	ClientID   string `toml:"client_id"`
	SecretFile string `toml:"client_secret_file"` // empty: a public client
	// Scopes beyond openid.
	Scopes []string `toml:"scopes"`
	// Level is what a fitting identity is worth: 2 authoritative check. 0: the
	// provider signs people in and proves nothing.
	Level int `toml:"level"`
	// SubjectOnly: the provider keeps to itself who the person is (网号, 公安部令
	// 第173号): nothing but its pairwise subject is read or asked for.
	SubjectOnly bool `toml:"subject_only"`

	ClaimName      string `toml:"claim_name"`       // default name
	ClaimNameLatin string `toml:"claim_name_latin"` // may be empty
	ClaimBirthDate string `toml:"claim_birth_date"` // default birthdate, as 2006-01-02
	ClaimDocument  string `toml:"claim_document"`   // the number; empty: none is given
	// ClaimDocumentKind names the kind by our own words (mainland_id …); where
	// it is empty all are of DocumentKind.
	ClaimDocumentKind string `toml:"claim_document_kind"`
	DocumentKind      string `toml:"document_kind"`
}

// Secret reads the client secret from its file; "" when there is none.
func (p IdentityProvider) Secret() (string, error) { return secret(p.SecretFile) }

// IdentityProviders are all of them, in the order shown to people.
type IdentityProviders []IdentityProvider

// String lists their ids.
func (all IdentityProviders) String() string {
	ids := make([]string, len(all))
	for i, p := range all {
		ids[i] = p.ID
	}
	return strings.Join(ids, ", ")
}

var providerID = regexp.MustCompile(`^[a-z][a-z0-9_]{1,31}$`)

func (all IdentityProviders) validate(bad func(ok bool, key, why string)) {
	ids, issuers := map[string]bool{}, map[string]bool{}
	for _, p := range all {
		key := "identity_providers " + p.ID
		bad(providerID.MatchString(p.ID) && !ids[p.ID], key, "id: want a word of its own of 2 to 32 small letters, digits and _")
		bad(p.NameHans != "" && p.NameHant != "" && p.NameEn != "", key, "want name_zh_hans, name_zh_hant and name_en")
		bad(isIssuer(p.Issuer) && !issuers[p.Issuer], key, "issuer: want https:// (http:// on this machine only), once")
		bad(p.ClientID != "", key, "want client_id")
		bad(p.Level == 0 || p.Level == 2, key, "level: want 0 or 2")
		bad(!p.SubjectOnly || p.ClaimName+p.ClaimNameLatin+p.ClaimBirthDate+p.ClaimDocument == "", key, "subject_only reads no claims")
		bad(p.ClaimDocument == "" || p.ClaimDocumentKind != "" || p.DocumentKind != "", key, "claim_document needs claim_document_kind or document_kind")
		ids[p.ID], issuers[p.Issuer] = true, true
	}
}

// isIssuer allows plain HTTP only where nobody can listen.
func isIssuer(s string) bool {
	u, err := url.Parse(s)
	if err != nil || !isHTTP(s) || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
