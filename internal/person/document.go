package person

import (
	"log/slog"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kapok/internal/kit/fault"
)

// DocumentKind is a kind of identity document 证件类型.
type DocumentKind string

// The kinds accepted.
const (
	MainlandID      DocumentKind = "mainland_id"      // 居民身份证 (GB 11643)
	ResidencePermit DocumentKind = "residence_permit" // 港澳台居民居住证
	ForeignerID     DocumentKind = "foreigner_id"     // 外国人永久居留身份证 (五星卡, 2023)
	TravelPermit    DocumentKind = "travel_permit"    // 港澳居民来往内地通行证 (回乡证), also for non-Chinese residents
	HKID            DocumentKind = "hkid"             // 香港身份证
	MacaoBIR        DocumentKind = "macao_bir"        // 澳門居民身份證
	Passport        DocumentKind = "passport"         // 护照
)

// DocumentKinds lists the kinds in the order offered.
var DocumentKinds = CodeList{Name: "document", Codes: []string{
	string(MainlandID), string(TravelPermit), string(ResidencePermit), string(HKID), string(MacaoBIR), string(Passport), string(ForeignerID),
}}

// nationalKind is the code of the national system for a kind (albp0004); those
// it lacks go under the nearest.
var nationalKind = map[DocumentKind]string{
	MainlandID: "01", ResidencePermit: "99", ForeignerID: "99", TravelPermit: "99", HKID: "02", MacaoBIR: "03", Passport: "05",
}

// National is the kind's code in the national system (01 … 99).
func (k DocumentKind) National() string { return nationalKind[k] }

// GivesBirth reports whether numbers of this kind hold birth date and sex, so
// that nobody need type them.
func (k DocumentKind) GivesBirth() bool {
	return k == MainlandID || k == ResidencePermit || k == ForeignerID
}

// Document is an identity document whose number has the right form. It prints
// masked, everywhere.
type Document struct {
	Kind    DocumentKind
	Issuer  string    // ISO 3166-1 alpha-2 code of the country or region that issued it
	Number  string    // as the card shows it, without blanks and brackets
	Class   string    // numbers of one class never mean two people
	Key     string    // what stays the same when the card is renewed
	Born    time.Time // zero when the number does not tell
	Gender  string    // "" when the number does not tell
	Unusual bool      // allowed, but worth a look by whoever checks the card
}

// String is the number masked.
func (d Document) String() string { return MaskDocument(d.Number) }

// LogValue keeps the number out of logs.
func (d Document) LogValue() slog.Value { return slog.StringValue(string(d.Kind)) }

// DocumentInput is a document as somebody typed it.
type DocumentInput struct {
	Kind   DocumentKind
	Issuer string // passports only
	Number string
}

// LogValue keeps the number out of logs.
func (d DocumentInput) LogValue() slog.Value { return slog.StringValue(string(d.Kind)) }

// Identity classes: each is one space of numbers.
const (
	classGB11643  = "gb11643" // mainland ID, residence permit and 五星卡 share it
	classTravel   = "travel_permit"
	classHKID     = "hkid"
	classMacaoBIR = "macao_bir"
	classPassport = "passport"
)

var parsers = map[DocumentKind]func(in DocumentInput, number string, today time.Time) (Document, *fault.Error){
	MainlandID: parse18, ResidencePermit: parse18, ForeignerID: parse18,
	TravelPermit: parseTravelPermit, HKID: parseHKID, MacaoBIR: parseMacaoBIR, Passport: parsePassport,
}

// ParseDocument checks a typed document: full-width and lower-case letters,
// blanks, hyphens and brackets are forgiven, wrong forms and check digits are
// not. A number of the 18-digit family names its own kind, so a residence
// permit typed as a mainland ID becomes what it is. today limits birth dates.
func ParseDocument(in DocumentInput, today time.Time) (Document, *fault.Error) {
	parse := parsers[in.Kind]
	if parse == nil {
		return Document{}, ErrDocumentKind
	}
	number := squeeze(in.Number)
	if number == "" {
		return Document{}, fault.ErrRequired
	}
	if len(number) > 40 {
		return Document{}, ErrDocumentForm
	}
	return parse(in, number, today)
}

// squeeze brings a number to capital letters and digits: NFKC turns full-width
// forms into plain ones; blanks, hyphens, brackets and invisible marks go.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) || strings.ContainsRune("()[]/.·", r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(s))
}

// MaskDocument shows two characters at each end: 11**************2X.
func MaskDocument(number string) string {
	r := []rune(number)
	keep := 2
	if len(r) < 6 {
		keep = 1
	}
	for i := range r {
		if i >= keep && i < len(r)-keep {
			r[i] = '*'
		}
	}
	return string(r)
}

func allDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func isCapital(b byte) bool { return b >= 'A' && b <= 'Z' }
