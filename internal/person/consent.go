package person

import (
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"kapok/internal/kit/i18n"
)

// Purpose is what a consent is for.
type Purpose string

// The purposes. Each has a text with versions; a new version asks again.
const (
	ConsentPrivacy  Purpose = "privacy"  // 个人信息处理规则 (PIPL 14, 17)
	ConsentDocument Purpose = "document" // document number, sensitive: separate consent (PIPL 29)
	ConsentChild    Purpose = "child"    // 儿童个人信息处理规则, by the guardian of a child under 14 (PIPL 31)
	ConsentGuardian Purpose = "guardian" // a minor may volunteer, by a guardian: with every organisation, or with a single one
)

// The optional purposes: one each for a kind of recipient (PIPL 23, 39). Service
// never depends on them; each is given and withdrawn in one tap.
const (
	ConsentSchool   Purpose = "school"   // hours to the school that asks for them
	ConsentEmployer Purpose = "employer" // hours to the employer
	ConsentCredit   Purpose = "credit"   // hours into credit records (慈善法 art. 101; 深圳信用条例 art. 39)
	ConsentHKMacao  Purpose = "hk_macao" // hours to partners in Hong Kong and Macao: across the border (PIPL 39)
)

// Optional lists the optional purposes in the order shown.
var Optional = []Purpose{ConsentSchool, ConsentEmployer, ConsentCredit, ConsentHKMacao}

// Purposes lists those of registration in the order shown.
var Purposes = []Purpose{ConsentPrivacy, ConsentDocument, ConsentChild, ConsentGuardian}

// ConsentText is one version of a text that people agree to. A version never
// changes after it was published: a changed text is a new version.
type ConsentText struct {
	Purpose Purpose                   `json:"purpose"`
	Version string                    `json:"version"` // privacy-1
	Since   string                    `json:"since"`   // day of publication
	Texts   map[i18n.Lang]ConsentBody `json:"texts"`
}

// ConsentBody is a text in one language.
type ConsentBody struct {
	Title    string           `json:"title"`
	Agree    string           `json:"agree"` // what stands beside the box to tick
	Intro    string           `json:"intro"`
	Sections []ConsentSection `json:"sections"`
}

// ConsentSection is a heading with its points.
type ConsentSection struct {
	Heading string   `json:"heading"`
	Lines   []string `json:"lines"`
}

// In is the text in a language.
func (t ConsentText) In(l i18n.Lang) ConsentBody { return t.Texts[l] }

//go:embed consents/*.json
var consentFiles embed.FS

var consentTexts = loadConsents()

// newest is the version in force of each purpose.
var newest = map[Purpose]string{
	ConsentPrivacy: "privacy-1", ConsentDocument: "document-1", ConsentChild: "child-1", ConsentGuardian: "guardian-2",
	ConsentSchool: "school-1", ConsentEmployer: "employer-1", ConsentCredit: "credit-1", ConsentHKMacao: "hk_macao-1",
}

func loadConsents() map[string]ConsentText {
	entries, err := consentFiles.ReadDir("consents")
	if err != nil {
		panic(err) // embedded: cannot happen
	}
	out := map[string]ConsentText{}
	for _, e := range entries {
		b, err := consentFiles.ReadFile("consents/" + e.Name())
		if err != nil {
			panic(err)
		}
		var t ConsentText
		if err := json.Unmarshal(b, &t); err != nil {
			panic(fmt.Sprintf("person: %s: %v", e.Name(), err))
		}
		out[t.Version] = t
	}
	return out
}

// ConsentByVersion finds a text, also one that is no longer in force.
func ConsentByVersion(version string) (ConsentText, bool) {
	t, ok := consentTexts[version]
	return t, ok
}

// CurrentConsent is the text in force for a purpose.
func CurrentConsent(p Purpose) ConsentText { return consentTexts[newest[p]] }

// requiredConsents are the purposes without which a person of that birth date
// cannot be registered. The guardian's consent is not among them: it only
// decides about sign-ups.
func requiredConsents(birth, today time.Time) []Purpose {
	if AgeOn(birth, today) < ChildUnder {
		return []Purpose{ConsentPrivacy, ConsentDocument, ConsentChild}
	}
	return []Purpose{ConsentPrivacy, ConsentDocument}
}
