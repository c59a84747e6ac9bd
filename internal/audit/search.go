package audit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/pg"
)

// Filter is what an auditor searches by; zero values do not narrow.
type Filter struct {
	Actor  uuid.UUID
	Object string // whole ("shift/0198…"), or a kind ("shift")
	Action string // whole ("organisation.approve"), or the part before the dot
	From   time.Time
	To     time.Time // not included
	Before int64     // only entries with a smaller id: the next page
	Limit  int
}

// Search lists entries, newest first.
func Search(ctx context.Context, db pg.DB, f Filter) ([]Entry, error) {
	where, args := f.where()
	rows, err := db.Query(ctx, `SELECT id, at, actor, action, object, org, region, detail
		FROM audit.entry WHERE `+where+fmt.Sprintf(` ORDER BY id DESC LIMIT %d`, f.Limit), args...)
	return pg.All[Entry](rows, err)
}

func (f Filter) where() (string, []any) {
	clauses, args := []string{"true"}, []any{}
	add := func(clause string, v any) {
		args = append(args, v)
		clauses = append(clauses, fmt.Sprintf(clause, len(args)))
	}
	if f.Actor != uuid.Nil {
		add("actor = $%d", f.Actor)
	}
	if f.Object != "" {
		if strings.Contains(f.Object, "/") {
			add("object = $%d", f.Object)
		} else {
			add("starts_with(object, $%d)", f.Object+"/")
		}
	}
	if f.Action != "" {
		if strings.Contains(f.Action, ".") {
			add("action = $%d", f.Action)
		} else {
			add("starts_with(action, $%d)", f.Action+".")
		}
	}
	if !f.From.IsZero() {
		add("at >= $%d", f.From)
	}
	if !f.To.IsZero() {
		add("at < $%d", f.To)
	}
	if f.Before > 0 {
		add("id < $%d", f.Before)
	}
	return strings.Join(clauses, " AND "), args
}
