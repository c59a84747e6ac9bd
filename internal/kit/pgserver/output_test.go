package pgserver

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputIsCutIntoLines(t *testing.T) {
	t.Parallel()
	var j journal
	o := newOutput(j.logger())
	for _, part := range []string{"LOG:  star", "ting\nPANIC:  disk", " is gone\n\nwithout level\nno end"} {
		fmt.Fprint(o, part)
	}
	for _, want := range []string{`level=DEBUG msg="PostgreSQL says" text=starting`, `level=ERROR msg="PostgreSQL says" text="disk is gone"`, `text="without level"`} {
		if !strings.Contains(j.String(), want) {
			t.Errorf("log %s lacks %s", j.String(), want)
		}
	}
	if diff := cmp.Diff("LOG:  starting; PANIC:  disk is gone; without level; no end", o.tail()); diff != "" {
		t.Error(diff)
	}
}

func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	o := newOutput(slog.New(slog.DiscardHandler))
	for range 100 {
		fmt.Fprint(o, strings.Repeat("x", 3*longestLine))
	}
	if len(o.tail()) > (tailLines+2)*(longestLine+2) {
		t.Errorf("keeps %d bytes", len(o.tail()))
	}
}

func FuzzParsePid(f *testing.F) {
	for _, s := range []string{"123\n/data\n", "-77", "", "x", "99999999999999999999", "-9223372036854775808", " 5 \n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if pid := parsePid(s); pid < 0 || pid > 1<<30 {
			t.Errorf("%q gives %d", s, pid)
		}
	})
}
