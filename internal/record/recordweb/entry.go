package recordweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/record"
	"kapok/internal/ui"
)

// entryView is one record on the organisation's desk: all of it, its history,
// and what can be done with it.
type entryView struct {
	record.ServiceRecord
	Desk    ui.DeskInfo
	Zone    *time.Location
	Person  person.Person
	History []record.Revision
	Actors  map[uuid.UUID]person.Person
	Left    int // working days until due
	May     bool
	Verb    string    // whose form was sent
	Form    *web.Form // what was typed there
	Err     error
}

func (d Deps) entryView(r *http.Request) (v entryView, err error) {
	ctx := r.Context()
	v = entryView{Form: web.NewForm(nil)}
	if v.ServiceRecord, err = d.recordOf(r); err != nil {
		return v, err
	}
	v.Zone = clock.ZoneOf(v.Division)
	v.Desk = d.frame(ctx, v.Org, v.ActivityName, shiftPath(v.Shift))
	v.May = d.may(ctx, account.ConfirmHours, v.Org, v.Division)
	v.Left = d.Records.WorkdaysLeft(v.DueOn)
	if v.History, err = record.History(ctx, d.Pool, v.ID); err != nil {
		return v, err
	}
	ids := []uuid.UUID{v.ServiceRecord.Person}
	for _, h := range v.History {
		if h.Actor != nil {
			ids = append(ids, *h.Actor)
		}
	}
	v.Actors, err = d.People.GetMany(ctx, ids)
	if err != nil {
		return v, err
	}
	v.Person = v.Actors[v.ServiceRecord.Person]
	return v, d.seenOne(ctx, audit.Object("record", v.ID), v.Org, v.Division, ids...)
}

func (d Deps) entry(w http.ResponseWriter, r *http.Request) error {
	v, err := d.entryView(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, entryPage(v))
}

// form is what was typed into the form of a verb, or an empty one.
func (v entryView) form(verb string) *web.Form {
	if v.Verb == verb {
		return v.Form
	}
	return web.NewForm(nil)
}

func (v entryView) who(ctx context.Context, actor *uuid.UUID) string {
	if actor == nil {
		return c(ctx, "system")
	}
	p := v.Actors[*actor]
	return masked(ctx, p) + " " + p.VolunteerNo
}

func (v entryView) path(verb string) string { return recordPath(v.ID) + "/" + verb }

// decide carries out one of the verbs.
func (d Deps) decide(verb string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		rec, err := d.recordOf(r)
		if err != nil {
			return err
		}
		if err = d.carryOut(r.Context(), verb, rec, f); err == nil {
			ui.SetFlash(w, r, ui.Jade, "recordweb.desk.done."+verb)
			return web.Back(w, r, recordPath(rec.ID))
		}
		v, failed := d.entryView(r)
		if failed != nil {
			return failed
		}
		v.Verb, v.Form = verb, f
		if v.Err = f.Show(err); v.Err != nil {
			return web.Refuse(w, r, v.Err, entryPage(v))
		}
		return web.Page(w, r, http.StatusUnprocessableEntity, entryPage(v))
	}
}

func (d Deps) carryOut(ctx context.Context, verb string, rec record.ServiceRecord, f *web.Form) error {
	version, err := strconv.Atoi(f.Get("version"))
	if err != nil {
		version = -1 // a form that was tampered with meets the version's refusal
	}
	by, reason := me(ctx), f.Get("reason")
	switch verb {
	case "amend":
		return d.amend(ctx, rec, version, f)
	case "void":
		_, err = d.Records.Void(ctx, record.Voiding{Record: rec.ID, Version: version, By: by, Cause: record.Cause(f.Get("cause")), Reason: reason})
	case "reinstate":
		_, err = d.Records.Reinstate(ctx, record.Reinstatement{Record: rec.ID, Version: version, By: by, Reason: reason})
	case "uphold":
		f.Text("reason", true, 300)
		if err := f.Err(); err != nil {
			return err
		}
		return d.confirmOne(ctx, rec, version, reason)
	}
	return err
}

func (d Deps) amend(ctx context.Context, rec record.ServiceRecord, version int, f *web.Form) error {
	zone := clock.ZoneOf(rec.Division)
	m := record.Amendment{Record: rec.ID, Version: version, By: me(ctx), Reason: f.Get("reason"),
		StartsAt: sameMinute(f.DateTime("starts_at", true, zone), rec.StartsAt), EndsAt: sameMinute(f.DateTime("ends_at", true, zone), rec.EndsAt),
		Minutes: f.Int("minutes", false, 1, 24*60), Place: f.Get("place"), Content: f.Get("content")}
	if err := f.Err(); err != nil {
		return err
	}
	_, err := d.Records.Amend(ctx, m)
	return err
}

// sameMinute keeps the seconds of a time that was not changed: a form has
// minutes only.
func sameMinute(typed, was time.Time) time.Time {
	if typed.Equal(was.Truncate(time.Minute)) {
		return was
	}
	return typed
}

// typedMinutes are the minutes to show in the form: none when all of the span
// counts, so that another time counts in full again.
func (v entryView) typedMinutes() string {
	if v.Minutes == int(v.EndsAt.Sub(v.StartsAt)/time.Minute) {
		return ""
	}
	return strconv.Itoa(v.Minutes)
}

func (v entryView) local(t time.Time) string { return t.In(v.Zone).Format("2006-01-02T15:04") }

// confirmOne confirms a single record, with the answer to an objection.
func (d Deps) confirmOne(ctx context.Context, rec record.ServiceRecord, version int, reason string) error {
	out, err := d.Records.Confirm(ctx, record.Confirmation{Shift: rec.Shift, By: me(ctx),
		Picks: []record.Pick{{Record: rec.ID, Version: version}}, Reason: reason})
	if err == nil && out[0].Err != nil {
		return out[0].Err
	}
	return err
}
