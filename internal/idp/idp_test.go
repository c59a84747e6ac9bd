package idp

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"kapok/internal/kit/crypt"
	"kapok/internal/kit/fault"
)

func TestBands(t *testing.T) {
	t.Parallel()
	for age, want := range map[int]string{0: "<14", 13: "<14", 14: "14-17", 17: "14-17", 18: "18-34", 34: "18-34", 35: "35-59", 59: "35-59", 60: "60+", 101: "60+"} {
		if got := AgeBand(age); got != want {
			t.Errorf("age %d: %s, want %s", age, got, want)
		}
	}
	for minutes, want := range map[int]string{0: "0", 59: "0", 60: "1-19", 20*60 - 1: "1-19", 20 * 60: "20-99", 100 * 60: "100-299", 300*60 - 1: "100-299",
		300 * 60: "300-599", 600 * 60: "600-999", 1000 * 60: "1000-1499", 1500*60 - 1: "1000-1499", 1500 * 60: "1500+"} {
		if got := HoursBand(minutes); got != want {
			t.Errorf("%d minutes: %s, want %s", minutes, got, want)
		}
	}
}

func TestAllowedNeverGrowsForTheYoung(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.IntRange(0, 100).Draw(t, "age")
		b := rapid.IntRange(a, 100).Draw(t, "older")
		if !within(Allowed(a), Allowed(b)) {
			t.Fatalf("at %d more is told than at %d", a, b)
		}
	})
	if len(Allowed(13)) != 0 || !slices.Equal(Allowed(17), []string{ClaimAgeBand}) || len(Allowed(18)) != 3 {
		t.Error("wrong limits")
	}
}

func TestSubjectsDependOnPersonSectorAndKey(t *testing.T) {
	t.Parallel()
	one, two := &Service{Deps: Deps{Keys: crypt.Ephemeral()}}, &Service{Deps: Deps{Keys: crypt.Ephemeral()}}
	a, b := uuid.New(), uuid.New()
	seen := map[string]bool{}
	for _, s := range []string{one.Subject("x", a), one.Subject("y", a), one.Subject("x", b), two.Subject("x", a), one.Subject("x", a)} {
		seen[s] = true // the last is the first again
	}
	if len(seen) != 4 {
		t.Errorf("subjects %v", seen)
	}
}

func good() NewClient {
	return NewClient{NameHans: "甲", NameHant: "甲", NameEn: "A", PurposeHans: "乙", PurposeHant: "乙", PurposeEn: "B",
		RedirectURIs: []string{"https://Partner.example.test/callback"}}
}

func TestClientsAreChecked(t *testing.T) {
	t.Parallel()
	n := good()
	if err := n.check(); err != nil || n.Sector != "partner.example.test" {
		t.Errorf("a good one: %v, sector %q", err, n.Sector)
	}
	for _, uri := range []string{"http://partner.example.test/", "https://", "//x", "javascript:alert(1)", "https://u:p@x.test/", "https://x.test/#a", "https://x.test/*",
		"ftp://x.test/", "x", "", "https://x.test/ a", "http://localhost.evil.test/", "com.app:/back"} {
		n := good()
		n.RedirectURIs = []string{uri}
		if !hasField(n.check(), "redirect_uris") {
			t.Errorf("%q is accepted", uri)
		}
	}
	for _, uri := range []string{"http://localhost:8080/cb", "http://127.0.0.1/cb", "http://[::1]:1/cb", "https://x.test/cb?a=1"} {
		if !goodURI(uri) {
			t.Errorf("%q is refused", uri)
		}
	}
	var none NewClient
	none.Claims, none.Sector = []string{"phone"}, "a b"
	err := none.check()
	for _, field := range []string{"name_hans", "name_hant", "name_en", "purpose_hans", "purpose_hant", "purpose_en", "redirect_uris", "claims", "sector"} {
		if !hasField(err, field) {
			t.Errorf("%s is not told", field)
		}
	}
}

func hasField(err error, name string) bool {
	var e *fault.Error
	return errors.As(err, &e) && slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == name })
}

func FuzzRedirectURI(f *testing.F) {
	f.Add("https://x.test/cb")
	f.Add("http://127.0.0.1:1/")
	f.Fuzz(func(t *testing.T, s string) {
		if goodURI(s) && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://localhost") && !strings.HasPrefix(s, "http://127.") && !strings.HasPrefix(s, "http://[") {
			t.Errorf("%q is accepted", s)
		}
	})
}
