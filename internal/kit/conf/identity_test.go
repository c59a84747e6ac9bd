package conf

import (
	"strings"
	"testing"
)

const provider = `
[[identity_providers]]
id = "yst"
name_zh_hans = "统一身份认证"
name_zh_hant = "統一身份認證"
name_en = "Unified identity"
issuer = "https://id.example.test"
client_id = "kapok"
level = 2
`

func TestIdentityProvidersAreReadFromTheFile(t *testing.T) {
	c, err := Load(write(t, provider), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.IdentityProviders) != 1 || c.IdentityProviders[0].Issuer != "https://id.example.test" || c.IdentityProviders.String() != "yst" {
		t.Errorf("got %+v", c.IdentityProviders)
	}
}

func TestWrongIdentityProvidersAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":   provider + "isuer = \"x\"\n",
		"twice":         provider + provider,
		"no name":       strings.Replace(provider, `name_en = "Unified identity"`, "", 1),
		"plain HTTP":    strings.Replace(provider, "https://", "http://", 1),
		"level 1":       strings.Replace(provider, "level = 2", "level = 1", 1),
		"subject only":  provider + "subject_only = true\nclaim_name = \"name\"\n",
		"document kind": provider + "claim_document = \"id_number\"\n",
		"wrong id":      strings.Replace(provider, `"yst"`, `"../x"`, 1),
	} {
		if _, err := Load(write(t, text), nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Load("", []string{"KAPOK_IDENTITY_PROVIDERS=x"}); err == nil {
		t.Error("set by a variable")
	}
}
