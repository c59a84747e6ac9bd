// Package auditweb is the auditor's page and operation.
//
// Owns: /admin/audit; under /api/v1: admin/audit.
// Words: 审计 audit, 操作 act, 对象 object.
// Invariants: ids and masked volunteer numbers only, no personal data; each
// search is an entry of the audit itself.
// Not here: what is kept (audit).
package auditweb

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need.
type Deps struct {
	Pool   *pgxpool.Pool
	Clock  clock.Clock
	People *person.Service
	Access account.Access
	Desk   func(ctx context.Context, division string) ui.DeskInfo
}

// Register adds the page and the operation.
func Register(site *web.Site, api *web.API, d Deps) {
	gate := d.Access.AnyScope(account.ReadAudit)
	site.Handle("GET", "/admin/audit", gate, d.page)
	d.operations(api, gate)
}

func t(ctx context.Context, key string, args ...any) string {
	return i18n.T(ctx, "auditweb."+key, args...)
}

// line is an entry as the auditor sees it.
type line struct {
	audit.Entry
	Actor string // masked volunteer number; "" for the system
}

// found is a page of entries.
type found struct {
	Lines []line
	Next  int64 // for before; 0: no more
	Form  *web.Form
	Wrong bool // the filter cannot be read
}

const pageSize = 50

// asked is what the auditor typed.
type asked struct {
	Actor, Object, Action string
	From, To              time.Time // days in Beijing, both included
	Before                int64
}

// filter reads what was typed; the actor is a volunteer number or an id.
func (d Deps) filter(ctx context.Context, in asked) (audit.Filter, error) {
	f := audit.Filter{Object: in.Object, Action: in.Action, From: in.From, Before: in.Before, Limit: pageSize + 1}
	if !in.To.IsZero() {
		f.To = in.To.AddDate(0, 0, 1)
	}
	if in.Actor == "" {
		return f, nil
	}
	id, err := uuid.Parse(in.Actor)
	if err != nil {
		p, err := d.People.ByVolunteerNo(ctx, in.Actor)
		if err != nil {
			var c fault.Check
			c.Add("actor", fault.ErrBadValue)
			return f, c.Err()
		}
		id = p.ID
	}
	f.Actor = id
	return f, nil
}

// search finds entries and notes that they were searched.
func (d Deps) search(ctx context.Context, in asked) (found, error) {
	f, err := d.filter(ctx, in)
	if err != nil {
		return found{}, err
	}
	list, err := audit.Search(ctx, d.Pool, f)
	if err != nil {
		return found{}, err
	}
	if err := d.note(ctx, f); err != nil {
		return found{}, err
	}
	var out found
	if len(list) > pageSize {
		list = list[:pageSize]
		out.Next = list[pageSize-1].ID
	}
	out.Lines, err = d.lines(ctx, list)
	return out, err
}

func (d Deps) note(ctx context.Context, f audit.Filter) error {
	me := account.From(ctx).Person
	detail := map[string]any{"object": f.Object, "action": f.Action, "before": f.Before}
	if f.Actor != uuid.Nil {
		detail["actor"] = f.Actor
	}
	return pg.InTx(ctx, d.Pool, func(tx pgx.Tx) error {
		return audit.RecordTx(ctx, tx, audit.Entry{At: d.Clock.Now(), Actor: &me, Action: "audit.search", Object: audit.Object("audit", uuid.Nil), Detail: detail})
	})
}

func (d Deps) lines(ctx context.Context, list []audit.Entry) ([]line, error) {
	var ids []uuid.UUID
	for _, e := range list {
		if e.Actor != nil {
			ids = append(ids, *e.Actor)
		}
	}
	people, err := d.People.GetMany(ctx, ids)
	out := make([]line, len(list))
	for i, e := range list {
		out[i] = line{Entry: e}
		if e.Actor != nil {
			out[i].Actor = maskNo(people[*e.Actor].VolunteerNo)
		}
	}
	return out, err
}

// maskNo hides the middle of a volunteer number; "?" stands for nobody known.
func maskNo(no string) string {
	if len(no) < 4 {
		return "?"
	}
	return no[:2] + "*-**" + no[len(no)-2:]
}

// detail is what the entry says beyond its act, as compact JSON.
// about is the object to look up; "" when the entry is about none in particular.
func (l line) about() string {
	if strings.HasSuffix(l.Object, "/"+uuid.Nil.String()) {
		return ""
	}
	return l.Object
}

func (l line) detail() string {
	if len(l.Entry.Detail) == 0 {
		return ""
	}
	b, err := json.Marshal(l.Entry.Detail)
	if err != nil {
		return ""
	}
	return string(b)
}

func (d Deps) page(w http.ResponseWriter, r *http.Request) error {
	f := web.ReadQuery(r)
	in := asked{Actor: f.Get("actor"), Object: f.Text("object", false, 100), Action: f.Text("action", false, 60),
		From: inBeijing(f.Date("from", false)), To: inBeijing(f.Date("to", false))}
	in.Before, _ = strconv.ParseInt(f.Get("before"), 10, 64) // anything else is the first page
	err := f.Err()
	var v found
	if err == nil {
		v, err = d.search(r.Context(), in)
	}
	status := http.StatusOK
	if err != nil {
		if err := f.Show(err); err != nil {
			return err
		}
		status = http.StatusUnprocessableEntity
	}
	v.Form, v.Wrong = f, err != nil
	return web.Page(w, r, status, d.auditPage(v, next(r.URL.Query(), v.Next)))
}

// inBeijing is the beginning of a day there.
func inBeijing(day time.Time) time.Time {
	if day.IsZero() {
		return day
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, clock.Shanghai)
}

// next is the address of the page after this one, "" when there is none.
func next(q url.Values, before int64) string {
	if before == 0 {
		return ""
	}
	q.Set("before", strconv.FormatInt(before, 10))
	return "/admin/audit?" + q.Encode()
}

func (d Deps) frame(ctx context.Context) ui.DeskInfo {
	desk := d.Desk(ctx, "")
	desk.Title, desk.NoIndex = t(ctx, "title"), true
	return desk
}
