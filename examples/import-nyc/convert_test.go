package main

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var now = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)

func kit(move bool) rules {
	return rules{Division: "440104", Now: now, Zone: time.FixedZone("CST", 8*3600), Move: move}
}

func good() row {
	return row{ID: "5017", Title: "Plant trees", Summary: "Help us plant trees in the park.", Org: "Trees Inc.", Category: "4", Wanted: 5,
		From: time.Date(2011, 4, 16, 0, 0, 0, 0, time.UTC), To: time.Date(2011, 4, 16, 0, 0, 0, 0, time.UTC)}
}

func TestConvertMovesDatesByWholeWeeks(t *testing.T) {
	p, reason := convert(good(), kit(true))
	if reason != "" || len(p.Shifts) != 1 {
		t.Fatalf("%q, %d shifts", reason, len(p.Shifts))
	}
	at := p.Shifts[0].StartsAt
	if !at.After(now) || at.Weekday() != time.Saturday || at.Hour() != startHour || at.Sub(now) > 366*24*time.Hour {
		t.Errorf("starts %s", at)
	}
	if p.Field != "0006" || !strings.Contains(p.Content, "moved ahead by") || !strings.Contains(p.Content, "New York City, United States") {
		t.Errorf("field %s, content %q", p.Field, p.Content)
	}
}

func TestConvertGivesReasons(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*row)
		move   bool
		want   string
	}{
		"past":                           {func(*row) {}, false, "lies in the past"},
		"internship":                     {func(r *row) { r.Title = "Marketing Intern" }, true, "internship"},
		"donation":                       {func(r *row) { r.Title = "Donate School Supplies" }, true, "asks for goods"},
		"no people":                      {func(r *row) { r.Wanted = 0 }, true, "asks for no volunteers"},
		"no text":                        {func(r *row) { r.Summary = "" }, true, "no description"},
		"no title":                       {func(r *row) { r.Title = "" }, true, "no title"},
		"backwards":                      {func(r *row) { r.To = r.From.AddDate(0, 0, -1) }, true, "ends before"},
		"unreadable":                     {func(r *row) { r.Fault = "a date is missing" }, true, "a date is missing"},
		"international is no internship": {func(r *row) { r.Title = "International fair" }, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := good()
			c.change(&r)
			_, reason := convert(r, kit(c.move))
			if (c.want == "") != (reason == "") || !strings.Contains(reason, c.want) {
				t.Errorf("reason %q, want %q", reason, c.want)
			}
		})
	}
}

func TestOngoingBecomesWeeklyShifts(t *testing.T) {
	r := good()
	r.Ongoing, r.To = true, r.From.AddDate(1, 0, 0)
	p, reason := convert(r, kit(true))
	if reason != "" || len(p.Shifts) != maxShifts {
		t.Fatalf("%q, %d shifts", reason, len(p.Shifts))
	}
	for i := 1; i < len(p.Shifts); i++ {
		if p.Shifts[i].StartsAt.Sub(p.Shifts[i-1].StartsAt) != 7*24*time.Hour {
			t.Error("not weekly")
		}
	}
}

func TestBoundsOfThePlatform(t *testing.T) {
	r := good()
	r.Title, r.Wanted, r.Address = strings.Repeat("很长的标题 ", 20), 9999, strings.Repeat("Street ", 60)
	p, _ := convert(r, kit(true))
	s := p.Shifts[0]
	if utf8.RuneCountInString(p.Title) > maxTitle || utf8.RuneCountInString(s.Place) > maxLine || s.Capacity != maxCapacity {
		t.Errorf("%d %d %d", utf8.RuneCountInString(p.Title), utf8.RuneCountInString(s.Place), s.Capacity)
	}
	if !strings.Contains(p.Content, strings.TrimSpace(r.Title)) {
		t.Error("the whole title is lost")
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"<p>Rise Up &amp; Stay&nbsp;Put!</p>": "Rise Up & Stay Put!", "a<br/>b": "a\nb", "1 < 2 and 3 > 2": "1 < 2 and 3 > 2",
		"<script>x</script>": "x", "bad\xff\x00byte": "badbyte", "  two\t blanks ": "two blanks", "&lt;b&gt;": "<b>",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("<p>a &amp; b</p>")
	f.Add("\x00<")
	f.Fuzz(func(t *testing.T, s string) {
		if got := clean(s); !utf8.ValidString(got) || strings.TrimSpace(got) != got {
			t.Errorf("clean(%q) = %q", s, got)
		}
	})
}

func TestSampleEveryRowHasAnAnswer(t *testing.T) {
	f, err := os.Open("sample.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := readRows(f)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, r := range rows {
		p, reason := convert(r, kit(true))
		if (reason == "") == (len(p.Shifts) == 0) {
			t.Errorf("%s: %d shifts and reason %q", r.ID, len(p.Shifts), reason)
		}
		if reason == "" {
			made++
		}
	}
	if made < 5 || made == len(rows) {
		t.Errorf("%d of %d rows become activities", made, len(rows))
	}
}

func TestReadRowsRefusesAForeignFile(t *testing.T) {
	if _, err := readRows(strings.NewReader("a,b\n1,2\n")); err == nil {
		t.Error("a file without the columns was read")
	}
}
