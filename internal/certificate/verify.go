package certificate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"kapok/internal/kit/pdf"
	"kapok/internal/kit/sign"
)

// Finding is the outcome of checking a file.
type Finding string

// The findings. Only Good is good.
const (
	Good           Finding = "good"
	Changed        Finding = "changed"         // a certificate of ours, but not as it was issued
	UnknownKey     Finding = "unknown_key"     // signed by a key that is not trusted here
	NotCertificate Finding = "not_certificate" // neither our PDF nor our JSON
	NewerFormat    Finding = "newer_format"    // a form or a proof that this version does not know
)

// Report is what a check found.
type Report struct {
	Finding   Finding
	Form      string     // "pdf", "json" or ""
	Key       string     // id of the key that signed, also when unknown
	Statement *Statement // only when good: nothing else may be believed
}

// MaxFile is the largest file looked at; a certificate with thousands of
// records is below 2 MB.
const MaxFile = 16 << 20

// ErrTooLarge says that a file is larger than any certificate.
var ErrTooLarge = errors.New("certificate: larger than any certificate")

// VerifyFile checks a certificate as PDF or JSON against trusted keys, without
// network or database. It can tell that a certificate was issued just so; only
// the verification page knows whether it was made void later. The error is for
// input that cannot be read; what can be read but is not good is a Report.
func VerifyFile(r io.Reader, trusted sign.KeySet) (Report, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return Report{}, fmt.Errorf("certificate: %w", err)
	}
	if len(file) > MaxFile {
		return Report{}, ErrTooLarge
	}
	if looksLikePDF(file) {
		return verifyPDF(file, trusted), nil
	}
	return verifyJSON(file, trusted, "json"), nil
}

// looksLikePDF also takes a PDF with a damaged beginning, to call it changed.
func looksLikePDF(file []byte) bool {
	head := file[:min(len(file), 1024)]
	return bytes.Contains(head, []byte("%PDF-")) || bytes.Contains(file, []byte("%KapokSeal/"))
}

func verifyPDF(file []byte, trusted sign.KeySet) Report {
	seal, err := pdf.ReadSeal(file)
	if err != nil {
		if bytes.Contains(file, []byte("KapokSeal")) {
			return Report{Finding: Changed, Form: "pdf"}
		}
		return Report{Finding: NotCertificate, Form: "pdf"}
	}
	r := Report{Form: "pdf", Key: seal.KeyID}
	if r.Finding = finding(trusted.Verify(seal.KeyID, seal.Message, seal.Signature)); r.Finding != Good {
		return r
	}
	return verifyJSON(seal.Payload, trusted, "pdf")
}

func verifyJSON(file []byte, trusted sign.KeySet, form string) Report {
	r := Report{Form: form}
	e, err := parseExport(file)
	r.Key = e.Statement.Key
	switch {
	case errors.Is(err, errForm) && !bytes.Contains(file, []byte("kapok.certificate")):
		return Report{Finding: NotCertificate}
	case newer(e):
		r.Finding = NewerFormat
	case err != nil || e.Format != Format || e.Statement.Schema != Schema:
		r.Finding = Changed
	default:
		r.Finding = finding(e.check(trusted))
	}
	if r.Finding == Good {
		r.Statement = &e.Statement
	}
	return r
}

// newer reports a form or a proof that only later versions know. No proof is
// known yet, and one that cannot be judged must not pass.
func newer(e Export) bool {
	return strings.HasPrefix(e.Format, "kapok.certificate.") &&
		(e.Format != Format || e.Statement.Schema != Schema || len(e.Proofs) > 0)
}

func finding(err error) Finding {
	switch {
	case err == nil:
		return Good
	case errors.Is(err, sign.ErrUnknownKey):
		return UnknownKey
	}
	return Changed
}
