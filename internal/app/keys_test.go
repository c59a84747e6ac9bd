package app_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"kapok/internal/app"
	"kapok/internal/kit/reseal"
)

// plainBytes are the binary columns that hold no sealed value: hashes,
// signatures, public keys.
var plainBytes = []string{
	"account.account.phone_hash", "account.passkey.credential", "account.passkey.public_key", "account.recovery_code.hash", "account.code.asker", "account.known_device.secret", "account.code.hash", "account.code.phone_hash", "account.new_phone.phone_hash", "account.session.secret",
	"audit.checkpoint.hash", "audit.seal.hash", "audit.seal.previous",
	"certificate.certificate.signature", "certificate.signing_key.public",
	"federation.link.subject", "idp.client.secret", "idp.request.code", "idp.token.hash",
	"person.guardian_code.code_hash", "person.identity_document.key_hash", "person.person.phone_hash",
}

// Whoever adds a binary column says whether it is sealed: one that is and is
// not listed would be unreadable once its key is retired.
func TestEverySealedColumnIsListed(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	rows, err := a.Pool.Query(t.Context(), `SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
		WHERE data_type = 'bytea' AND table_schema NOT IN ('pg_catalog', 'information_schema', 'river') ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(columns) < len(plainBytes) {
		t.Fatalf("%v, %v", columns, err)
	}
	for _, c := range columns {
		sealed := slices.ContainsFunc(app.SealedColumns(), func(s reseal.Column) bool { return s.String() == c })
		if sealed == slices.Contains(plainBytes, c) {
			t.Errorf("%s: sealed %v, and %v in the list of those that are not", c, sealed, !sealed)
		}
	}
}

// Keys are renewed under a filled platform: everybody is found and read as
// before, the old key forgotten.
func TestRotationUnderAFilledPlatform(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	var id [16]byte
	if err := a.Pool.QueryRow(t.Context(), `SELECT person FROM person.identity_document ORDER BY id LIMIT 1`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	before, err := a.People.Documents(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Keys.Rotate(a.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	for _, c := range app.SealedColumns() {
		if _, err := reseal.Run(t.Context(), a.Pool, a.Keys, c, nil); err != nil {
			t.Fatal(err)
		}
		uses, err := reseal.Count(t.Context(), a.Pool, c)
		if err != nil || uses[1] != 0 {
			t.Errorf("%s: %v, %v", c, uses, err)
		}
	}
	if err := a.Keys.Retire(1); err != nil {
		t.Fatal(err)
	}
	after, err := a.People.Documents(t.Context(), id)
	if err != nil || !slices.Equal(before, after) {
		t.Errorf("%v before, %v after: %v", before, after, err)
	}
	if _, err := a.Accounts.PhoneOf(t.Context(), id); err != nil {
		t.Error(err)
	}
}
