// Package held is what an area holds about a person: facts in order, each with
// a name, so that a page, a file and a document can show them alike.
//
// Owns: Fact, Row, Things, reading rows of a query.
// Invariants: the order of facts is the order of the query's columns; empty
// facts are left out.
// Tables: none.
// Not here: which data (the areas), how they are shown (privacyweb).
package held

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Fact is a value under a name such as "starts_at".
type Fact struct {
	Name  string
	Value any
}

// Row is what is known of one thing.
type Row []Fact

// Things are rows by what they are, as the register of personal data calls it.
type Things map[string][]Row

// Add puts rows under a name; none leave no trace.
func (t Things) Add(name string, rows ...Row) {
	if len(rows) > 0 {
		t[name] = append(t[name], rows...)
	}
}

// Merge adds all of another.
func (t Things) Merge(other Things) {
	for name, rows := range other {
		t.Add(name, rows...)
	}
}

// Of makes a row of name, value pairs.
func Of(pairs ...any) Row {
	var out Row
	for i := 0; i+1 < len(pairs); i += 2 {
		out = out.with(fmt.Sprint(pairs[i]), pairs[i+1])
	}
	return out
}

func (r Row) with(name string, v any) Row {
	if empty(v) {
		return r
	}
	return append(r, Fact{name, v})
}

func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []string:
		return len(x) == 0
	case []any:
		return len(x) == 0
	case *time.Time:
		return x == nil
	}
	return false
}

// Collect reads the rows of a query under the names of its columns.
func Collect(rows pgx.Rows, err error) ([]Row, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (Row, error) {
		values, err := r.Values()
		var out Row
		for i, f := range r.FieldDescriptions() {
			if err != nil {
				break
			}
			out = out.with(f.Name, values[i])
		}
		return out, err
	})
}

// MarshalJSON writes the facts as an object, in their order.
func (r Row) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Text is the value for a reader, times in their zone.
func (f Fact) Text(zone *time.Location) string {
	switch v := f.Value.(type) {
	case time.Time:
		if v.Equal(v.Truncate(24*time.Hour)) && v.Location() == time.UTC && strings.HasSuffix(f.Name, "date") {
			return v.Format(time.DateOnly)
		}
		return v.In(zone).Format("2006-01-02 15:04")
	case *time.Time:
		return v.In(zone).Format("2006-01-02 15:04")
	case []string:
		return strings.Join(v, "、")
	case []any:
		out := make([]string, len(v))
		for i, x := range v {
			out[i] = fmt.Sprint(x)
		}
		return strings.Join(out, "、")
	case bool:
		if v {
			return "✓"
		}
		return "✗"
	}
	return fmt.Sprint(f.Value)
}
