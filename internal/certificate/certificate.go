package certificate

import (
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
)

// Status is where a certificate stands.
type Status string

// The statuses; the last two are final.
const (
	Valid    Status = "valid"    // 有效
	Void     Status = "void"     // 已作废
	Replaced Status = "replaced" // 已换发
)

// Cause is who or what made a certificate void.
type Cause string

// The causes.
const (
	ByHolder     Cause = "holder"        // the holder took it back
	ByAuthority  Cause = "authority"     // an administrator, with a reason
	HoursChanged Cause = "hours_changed" // a record behind it was amended or voided
)

// Certificate is an issued certificate, as its holder sees it.
type Certificate struct {
	ID        uuid.UUID
	Number    Number
	Person    uuid.UUID
	Statement Statement
	Signature []byte // Ed25519 over the statement's canonical bytes
	Status    Status
	StatusAt  time.Time
	Cause     Cause  // of a void one
	Reason    string // of a void one, as its author wrote it; for the holder, not for strangers
	Replaces  *uuid.UUID
	// NameCorrected: the name shown was put right after the issue; set by Get.
	NameCorrected bool
}

// Cursor is the certificate's place in Mine.
func (c Certificate) Cursor() string { return pg.Cursor(c.Statement.IssuedAt, c.ID) }

// Public is what a stranger who knows the number gets to see: of a valid
// certificate what the holder chose to show, of any other its status only.
type Public struct {
	Number    Number
	Status    Status
	StatusAt  time.Time
	Cause     Cause
	Statement *Statement // nil unless valid
	// NameCorrected: still valid, but the holder is called otherwise by now.
	NameCorrected bool
}

// public is the certificate for strangers. Which certificate replaced it stays
// the holder's affair: the new one may show more.
func (c Certificate) public() Public {
	p := Public{Number: c.Number, Status: c.Status, StatusAt: c.StatusAt, Cause: c.Cause, NameCorrected: c.NameCorrected}
	if c.Status == Valid {
		p.Statement = &c.Statement
	}
	return p
}

// export is the certificate as a file for machines.
func (c Certificate) export() Export {
	return Export{Format: Format, Statement: c.Statement, Signature: b64.EncodeToString(c.Signature)}
}
