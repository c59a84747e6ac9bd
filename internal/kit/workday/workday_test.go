package workday

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var shanghai = time.FixedZone("UTC+8", 8*3600)

func day(s string) time.Time {
	t, err := time.ParseInLocation(layout, s, shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

// The due dates are reckoned by hand from the State Council's notices.
func TestTenWorkingDaysAfterAnActivity(t *testing.T) {
	c := BuiltIn()
	for _, x := range []struct{ ends, due, why string }{
		{"2026-10-18", "2026-10-30", "a Sunday, two plain weeks"},
		{"2026-09-30", "2026-10-20", "七天国庆, and Saturday 10-10 is worked"},
		{"2026-09-18", "2026-10-09", "Sunday 09-20 is worked, 中秋 and 国庆 are not"},
		{"2026-02-13", "2026-03-05", "春节: Saturday 02-14 and 02-28 are worked"},
		{"2025-01-27", "2025-02-17", "春节 2025 with Saturday 02-08 worked"},
		{"2026-04-30", "2026-05-18", "劳动节 with Saturday 05-09 worked"},
	} {
		got, err := c.Add(day(x.ends), 10)
		if err != nil || !got.Equal(day(x.due)) {
			t.Errorf("%s (%s): got %s, %v; want %s", x.ends, x.why, got.Format(layout), err, x.due)
		}
		if n, err := c.Between(day(x.ends), day(x.due)); n != 10 || err != nil {
			t.Errorf("%s: counted back %d, %v", x.ends, n, err)
		}
	}
}

func TestTheZoneOfTheMomentDecidesTheDay(t *testing.T) {
	late := time.Date(2026, 10, 18, 17, 30, 0, 0, time.UTC).In(shanghai) // 01:30 on the 19th
	got, err := BuiltIn().Add(late, 1)
	if err != nil || !got.Equal(day("2026-10-20")) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestUnknownYearsGiveAnEstimate(t *testing.T) {
	got, err := BuiltIn().Add(day("2026-12-25"), 10)
	var unknown *UnknownYearError
	if !errors.As(err, &unknown) || unknown.Year != 2027 {
		t.Fatalf("got %v", err)
	}
	if !got.Equal(day("2027-01-08")) {
		t.Errorf("Monday to Friday would be 2027-01-08, got %s", got.Format(layout))
	}
	if _, err := BuiltIn().Between(day("2026-12-25"), day("2027-01-08")); err == nil {
		t.Error("Between does not tell that 2027 is unknown")
	}
}

func TestNewYearsDayAloneDoesNotMakeAYearKnown(t *testing.T) {
	c, err := Read(strings.NewReader("date,kind,name_zh,name_en\n2027-01-01,holiday,元旦,New Year's Day\n"))
	if err != nil {
		t.Fatal(err)
	}
	if works, known := c.Works(day("2027-01-01")); works || known {
		t.Errorf("got works %v known %v", works, known)
	}
}

func TestBetweenIsSignedAndInverseToAdd(t *testing.T) {
	t.Parallel()
	c := BuiltIn()
	rapid.Check(t, func(t *rapid.T) {
		from := day("2018-01-01").AddDate(0, 0, rapid.IntRange(0, 3000).Draw(t, "from"))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		to, err := c.Add(from, n)
		if err != nil {
			t.Fatal(err)
		}
		if works, _ := c.Works(to); !works {
			t.Fatalf("%v is no working day", to)
		}
		if got, _ := c.Between(from, to); got != n {
			t.Fatalf("there: %d, want %d", got, n)
		}
		if got, _ := c.Between(to, from); got != -n {
			t.Fatalf("back: %d, want %d", got, -n)
		}
	})
}

func TestLoadReadsAnOperatorsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calendar.csv")
	if err := os.WriteFile(path, builtIn, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err != nil {
		t.Error(err)
	}
	if _, err := Load(path + ".none"); err == nil {
		t.Error("a missing file was no error")
	}
}

func TestReadNamesTheLineAtFault(t *testing.T) {
	for in, want := range map[string]string{
		"": "line 1", "day,kind\n": "line 1",
		"date,kind,name_zh,name_en\n2026-13-01,holiday,a,b\n":                           "line 2",
		"date,kind,name_zh,name_en\n2026-10-01,off,a,b\n":                               "line 2",
		"date,kind,name_zh,name_en\n2026-10-01,holiday,a,b\n2026-10-01,workday,a,b\n":   "line 3",
		"date,kind,name_zh,name_en\n2026-10-01,holiday,a,b\n2026-10-02,holiday,a,b,c\n": "line 3",
	} {
		if _, err := Read(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(string(builtIn[:200]))
	f.Add("date,kind,name_zh,name_en\n\"2026-10-01\",holiday,\"\n")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Read(strings.NewReader(s))
		if err != nil {
			return
		}
		if _, err := c.Add(day("2026-10-01"), 3); err != nil && !errors.As(err, new(*UnknownYearError)) {
			t.Error(err)
		}
	})
}
