package privacy

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pgtest"
)

// Every column of the database is either in the register or known to be about
// nobody: whoever adds one decides, or this fails.
func TestNoColumnEscapesTheRegister(t *testing.T) {
	t.Parallel()
	rows, err := pgtest.New(t).Query(t.Context(), `SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		t.Fatal(err)
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(there) < 300 {
		t.Fatalf("%d columns, %v", len(there), err)
	}
	known := map[string]int{}
	for _, i := range Register {
		for _, c := range i.All() {
			known[c]++
		}
	}
	for _, c := range columns(impersonal) {
		known[c]++
	}
	for _, k := range Kept {
		for _, c := range k.All() {
			if known[c] == 0 {
				t.Errorf("%s is kept and not in the register", c)
			}
		}
	}
	for _, c := range there {
		if known[c] == 0 {
			t.Errorf("%s: is it about people? Put it into the register, or into impersonal", c)
		}
	}
	for c, n := range known {
		if n > 1 {
			t.Errorf("%s is classified %d times", c, n)
		}
		if !slices.Contains(there, c) {
			t.Errorf("%s is classified and does not exist", c)
		}
	}
}

func TestTheRegisterIsInPlainLanguage(t *testing.T) {
	t.Parallel()
	for _, i := range Register {
		for _, l := range i18n.Langs {
			for _, text := range []string{i.Name(l), i.Why(l), i.BasisText(l), i.KindText(l), i.KeepText(l), i.SeenText(l)} {
				if text == "" || strings.Contains(text, "privacy.") {
					t.Errorf("%s in %s: %q", i.Code, l, text)
				}
			}
		}
	}
	for _, k := range Kept {
		for _, l := range i18n.Langs {
			for _, text := range []string{k.Name(l), k.Why(l)} {
				if text == "" || strings.Contains(text, "privacy.") {
					t.Errorf("kept %s in %s: %q", k.Code, l, text)
				}
			}
		}
	}
	if _, ok := ItemOf("nothing"); ok {
		t.Error("an unknown item was found")
	}
}
