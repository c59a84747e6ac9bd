package signupweb

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/activity/signupbox"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

func (d Deps) signUp(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := d.shift(r)
	if err != nil {
		return err
	}
	who, by, err := whose(r.Context(), f.Get("for"))
	if err != nil {
		return err
	}
	g, err := d.Activities.SignUp(r.Context(), activity.SignUpRequest{Shift: v.ID, Person: who, By: by})
	if err != nil {
		return d.refuse(w, r, v, who, err)
	}
	ui.SetFlash(w, r, signupbox.StateTag(r.Context(), g).Kind, "signupweb.done."+string(g.State), "n", g.Position)
	return web.Back(w, r, boxPath(v))
}

// askGuardian asks the reader's guardians to agree to service with the shift's
// organisation.
func (d Deps) askGuardian(w http.ResponseWriter, r *http.Request) error {
	v, err := d.shift(r)
	if err != nil {
		return err
	}
	if err := d.People.AskGuardians(r.Context(), account.From(r.Context()).Person, v.Activity.Org); err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, "signupweb.asked")
	return web.Back(w, r, boxPath(v))
}

// refuse shows every reason, and the ways on. What is our own fault is an
// error page.
func (d Deps) refuse(w http.ResponseWriter, r *http.Request, v activity.ShiftView, who uuid.UUID, err error) error {
	e := fault.As(err)
	if e.Kind == fault.Internal || e.Kind == fault.Unavailable {
		return err
	}
	return web.Page(w, r, web.Status(e.Kind), refusedPage(v, who, signupbox.Reasons(err)))
}

// boxPath is the place on the activity's page where the shift's box stands.
func boxPath(v activity.ShiftView) string {
	return fmt.Sprintf("/activities/%s#%s", v.ActivityID, signupbox.Anchor(v.ID))
}

// cancelView asks once more before a sign-up is given back.
type cancelView struct {
	Shift  activity.ShiftView
	Signup activity.Signup
	Ward   string // name of the ward; "" for the reader
	Notice time.Duration
	Others int // of the family who stand at the shift as well
}

func (d Deps) cancelPage(w http.ResponseWriter, r *http.Request) error {
	v, err := d.shift(r)
	if err != nil {
		return err
	}
	who, by, err := whose(r.Context(), r.URL.Query().Get("for"))
	if err != nil {
		return err
	}
	g, err := d.Activities.SignupOf(r.Context(), d.Pool, v.ID, who)
	if err != nil {
		return err
	}
	c := cancelView{Shift: v, Signup: g, Notice: v.StartsAt.Sub(d.Clock.Now())}
	if who != by {
		if c.Ward, err = d.name(r.Context(), who); err != nil {
			return err
		}
	}
	others, err := d.others(r.Context(), v, who)
	if err != nil {
		return err
	}
	c.Others = len(others)
	return web.Page(w, r, http.StatusOK, cancelPage(c))
}

func (d Deps) name(ctx context.Context, id uuid.UUID) (string, error) {
	p, err := d.People.Get(ctx, id)
	return person.NameIn(i18n.From(ctx), p), err
}

func (d Deps) cancel(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := d.shift(r)
	if err != nil {
		return err
	}
	who, by, err := whose(r.Context(), f.Get("for"))
	if err != nil {
		return err
	}
	people := []uuid.UUID{who}
	if f.Get("do") == "all" {
		others, err := d.others(r.Context(), v, who)
		if err != nil {
			return err
		}
		people = append(people, others...)
	}
	if _, err := d.Activities.CancelFamily(r.Context(), activity.FamilyRequest{Shift: v.ID, People: people, By: by}); err != nil {
		return d.refuse(w, r, v, who, err)
	}
	ui.SetFlash(w, r, ui.Jade, "signupweb.cancelled")
	return web.Back(w, r, "/me/signups")
}

// noticeText says how long it is until the shift starts.
func noticeText(ctx context.Context, d time.Duration) string {
	switch h := int(d / time.Hour); {
	case d < 0:
		return i18n.T(ctx, "signupweb.notice.none")
	case h < 1:
		return i18n.T(ctx, "signupweb.notice.minutes", "n", int(d/time.Minute))
	case h < 48:
		return i18n.T(ctx, "signupweb.notice.hours", "n", h)
	default:
		return i18n.T(ctx, "signupweb.notice.days", "n", h/24)
	}
}

func zone(v activity.ShiftView) *time.Location { return clock.ZoneOf(v.Activity.Division) }
