package held

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/pgtest"
)

func TestRowsKeepTheirOrderAndLeaveOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	rows, err := Collect(pgtest.New(t).Query(t.Context(), `SELECT 'b' AS zeta, '' AS empty, NULL::text AS nothing, 2 AS alpha, ARRAY['x', 'y'] AS list,
		'2026-11-24 08:00Z'::timestamptz AS at, '2008-02-29'::date AS birth_date, true AS yes`))
	if err != nil || len(rows) != 1 {
		t.Fatalf("%v %v", rows, err)
	}
	got, err := json.Marshal(rows[0])
	want := `{"zeta":"b","alpha":2,"list":["x","y"],"at":"2026-11-24T08:00:00Z","birth_date":"2008-02-29T00:00:00Z","yes":true}`
	if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	var texts []string
	for _, f := range rows[0] {
		texts = append(texts, f.Text(clock.Shanghai))
	}
	if diff := cmp.Diff([]string{"b", "2", "x、y", "2026-11-24 16:00", "2008-02-29", "✓"}, texts); diff != "" {
		t.Error(diff)
	}
}

func TestThings(t *testing.T) {
	t.Parallel()
	var never *time.Time
	a := Things{}
	a.Add("name", Of("name_hans", "李小文", "name_latin", "", "ended_at", never, "skills", []string{}))
	a.Add("empty")
	b := Things{"name": {Of("name_hant", "李小文")}}
	a.Merge(b)
	if diff := cmp.Diff(Things{"name": {{{"name_hans", "李小文"}}, {{"name_hant", "李小文"}}}}, a); diff != "" {
		t.Error(diff)
	}
}
