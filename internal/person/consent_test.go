package person

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"kapok/internal/kit/i18n"
)

// Texts that people agreed to never change: a changed text gets a new version
// and a line here; the old lines stay.
var published = map[string]string{
	"privacy-1":  "ad76c16ed15e366e",
	"document-1": "2845141871425e90",
	"child-1":    "f1fe683010296b62",
	"guardian-1": "30135349a8a740dd",
	"guardian-2": "72d6aac979845f2c",
	"school-1":   "0b8aede65d24729f",
	"employer-1": "8032008d3b928058",
	"credit-1":   "10ce39d2399e64dc",
	"hk_macao-1": "adebd0e28a251930",
}

func TestPublishedTextsNeverChange(t *testing.T) {
	t.Parallel()
	for version, want := range published {
		text, ok := ConsentByVersion(version)
		if !ok {
			t.Errorf("%s is gone", version)
			continue
		}
		b, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("%s has changed to %s: publish a new version instead", version, got)
		}
	}
	if len(consentTexts) != len(published) {
		t.Errorf("%d texts, %d published", len(consentTexts), len(published))
	}
}

func TestTextsAreWholeInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, p := range slices.Concat(Purposes, Optional) {
		text := CurrentConsent(p)
		if text.Purpose != p || !strings.HasPrefix(text.Version, string(p)+"-") {
			t.Errorf("%s: version %q", p, text.Version)
		}
		if _, err := time.Parse(time.DateOnly, text.Since); err != nil {
			t.Error(err)
		}
		sections := len(text.In(i18n.ZhHans).Sections)
		for _, l := range i18n.Langs {
			b := text.In(l)
			if b.Title == "" || b.Agree == "" || b.Intro == "" || len(b.Sections) != sections || sections == 0 {
				t.Errorf("%s in %s is not whole", p, l)
			}
			for i, s := range b.Sections {
				if s.Heading == "" || len(s.Lines) != len(text.In(i18n.ZhHans).Sections[i].Lines) {
					t.Errorf("%s in %s: section %d", p, l, i)
				}
			}
		}
	}
}

func TestEveryCodeHasTexts(t *testing.T) {
	t.Parallel()
	for _, list := range CodeLists() {
		for _, code := range list.Codes {
			if !i18n.Has("code." + list.Name + "." + code) {
				t.Errorf("%s %s has no text", list.Name, code)
			}
		}
	}
	for _, kind := range DocumentKinds.Codes {
		if DocumentKind(kind).National() == "" {
			t.Errorf("%s has no code of the national system", kind)
		}
	}
}

func TestAges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		born, on string
		age      int
	}{
		{"2008-02-29", "2026-02-28", 17}, {"2008-02-29", "2026-03-01", 18}, {"2010-03-01", "2028-02-29", 17}, {"2010-02-28", "2028-02-29", 18},
		{"2000-01-01", "2000-01-01", 0}, {"2000-12-31", "2001-12-30", 0}, {"2012-10-18", "2026-10-18", 14}, {"2012-10-19", "2026-10-18", 13},
	} {
		if got := AgeOn(day(c.born), day(c.on)); got != c.age {
			t.Errorf("born %s, on %s: %d", c.born, c.on, got)
		}
	}
}

// The database counts with lastBirth, everything else with AgeOn.
func TestTheDatabaseCountsAgesTheSameWay(t *testing.T) {
	t.Parallel()
	for on := day("2024-02-01"); on.Before(day("2028-04-01")); on = on.AddDate(0, 0, 1) {
		last := lastBirth(AdultFrom, on)
		if AgeOn(last, on) < AdultFrom || AgeOn(last.AddDate(0, 0, 1), on) >= AdultFrom {
			t.Errorf("on %s: last birth %s", on.Format(time.DateOnly), last.Format(time.DateOnly))
		}
	}
}
