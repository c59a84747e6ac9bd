package certificate

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/sign"
)

// Schema names the form of a Statement. A new form gets a new name; old ones
// stay readable for ever.
const Schema = "kapok.certificate/1"

// Statement is what a certificate says, complete and in one language, so that
// it can be understood without any database. What is signed is its canonical
// JSON (RFC 8785), byte for byte. Times are whole minutes, dates are YYYY-MM-DD
// in the place where the service was given.
type Statement struct {
	Schema   string    `json:"schema"`
	Number   Number    `json:"number"`
	Language i18n.Lang `json:"language"`
	Holder   Holder    `json:"holder"`
	Period   Period    `json:"period"`
	Minutes  int       `json:"minutes"` // 服务时间, in all
	Times    int       `json:"times"`   // number of service records
	Content  []string  `json:"content"` // 服务内容: fields of service, the longest first
	Units    []Share   `json:"recording_units"`
	Fields   []Share   `json:"fields,omitempty"`
	Grades   []Share   `json:"grades,omitempty"`
	Items    []Item    `json:"items,omitempty"`
	IssuedAt time.Time `json:"issued_at"`
	Issuer   string    `json:"issuer"`
	Verify   string    `json:"verify"` // where the status can be asked
	Key      string    `json:"key"`    // id of the signing key
}

// NameForm is how the holder chose to be shown.
type NameForm string

// The forms of a holder's name.
const (
	FullName   NameForm = "full"
	MaskedName NameForm = "masked"
	NumberOnly NameForm = "number" // the volunteer number stands for the name
)

// NameForms lists the forms in the order offered.
var NameForms = []NameForm{FullName, MaskedName, NumberOnly}

// Holder is as much of the volunteer as the volunteer chose to show.
type Holder struct {
	Shown       NameForm  `json:"shown"`
	Name        string    `json:"name,omitempty"`
	VolunteerNo string    `json:"volunteer_no,omitempty"`
	Document    *Document `json:"document,omitempty"`
}

// Document is an identity document, never its number.
type Document struct {
	Kind string `json:"kind"` // code list "document"
	Name string `json:"name"` // of the kind, in the statement's language
	Tail string `json:"tail"` // last characters of the number
}

// Period is from the first to the last day of service.
type Period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Share is a part of the whole: of one recording unit, field or grade. Minutes
// and Times are zero where the holder did not choose to show them.
type Share struct {
	Code    string `json:"code,omitempty"`
	Name    string `json:"name"`
	Minutes int    `json:"minutes,omitempty"`
	Times   int    `json:"times,omitempty"`
}

// Item is one service record on a list.
type Item struct {
	Date     string `json:"date"`
	Activity string `json:"activity"`
	Content  string `json:"content"`
	Unit     string `json:"unit"`
	Minutes  int    `json:"minutes"`
	Grade    string `json:"grade,omitempty"`
}

// Canonical is the bytes that are signed.
func (s Statement) Canonical() ([]byte, error) { return sign.Canonical(s) }

// Format names the form of an Export.
const Format = "kapok.certificate.export/1"

// Export is a certificate as a file for machines, and as the attachment of the
// PDF: the statement, its signature (Ed25519 over the statement's canonical
// bytes, base64url) and, when there are any, proofs from elsewhere, such as the
// ledger's. Its own bytes are canonical too, so no byte of the file is free.
type Export struct {
	Format    string    `json:"format"`
	Statement Statement `json:"statement"`
	Signature string    `json:"signature"`
	Proofs    []Proof   `json:"proofs,omitempty"`
}

// Proof is a proof of a kind that its reader knows.
type Proof struct {
	Kind string `json:"kind"`
	Data string `json:"data"`
}

var b64 = base64.RawURLEncoding.Strict()

// Bytes is the file.
func (e Export) Bytes() ([]byte, error) { return sign.Canonical(e) }

var (
	errForm  = errors.New("certificate: no certificate in JSON")
	errBytes = errors.New("certificate: the bytes are not those of a certificate export")
)

// parseExport reads a file and refuses every byte that Bytes would not have
// written: other spellings, unknown or repeated members, anything behind.
func parseExport(file []byte) (Export, error) {
	var e Export
	if err := json.Unmarshal(file, &e); err != nil || e.Format == "" {
		return Export{}, errForm
	}
	again, err := e.Bytes()
	if err != nil || !bytes.Equal(again, file) {
		return e, errBytes
	}
	return e, nil
}

// check checks the statement's signature with a set of trusted keys.
func (e Export) check(keys sign.KeySet) error {
	signature, err := b64.DecodeString(e.Signature)
	if err != nil {
		return sign.ErrBadSignature
	}
	message, err := e.Statement.Canonical()
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	return keys.Verify(e.Statement.Key, message, signature)
}
