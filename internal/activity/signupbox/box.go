package signupbox

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Box is what one reader sees at one shift.
type Box struct {
	Shift    activity.ShiftView
	SignedIn bool
	Rows     []Row // the reader, then wards
}

// Row is one person's standing in the shift.
type Row struct {
	activity.Standing
	Ward string // name of the ward; "" for the reader
}

// Loader reads boxes.
type Loader struct {
	Activities *activity.Service
	People     *person.Service
	Clock      clock.Clock
}

// Load makes the boxes of all shifts of a page for the reader of the context.
func (l Loader) Load(ctx context.Context, shifts []activity.ShiftView) ([]Box, error) {
	boxes := make([]Box, len(shifts))
	for i, v := range shifts {
		boxes[i].Shift = v
	}
	reader := account.From(ctx)
	if reader == nil || len(shifts) == 0 {
		return boxes, nil
	}
	who := append([]uuid.UUID{reader.Person}, reader.Wards...)
	names, err := l.wardNames(ctx, reader.Wards)
	if err != nil {
		return nil, err
	}
	standings, err := l.Activities.Standings(ctx, shifts, who, reader.Person)
	if err != nil {
		return nil, err
	}
	for i, st := range standings {
		b := &boxes[i/len(who)]
		b.SignedIn = true
		b.Rows = append(b.Rows, Row{st, names[st.Person]})
	}
	return boxes, nil
}

func (l Loader) wardNames(ctx context.Context, wards []uuid.UUID) (map[uuid.UUID]string, error) {
	names := make(map[uuid.UUID]string, len(wards))
	if len(wards) == 0 {
		return names, nil
	}
	people, err := l.People.GetMany(ctx, wards)
	for id, p := range people {
		names[id] = person.NameIn(i18n.From(ctx), p)
	}
	return names, err
}

// Anchor is the id of a shift's box, for links that lead back to it.
func Anchor(shift uuid.UUID) string { return "signup-" + shift.String() }

// SignUpPath is where the button of a shift sends its form.
func SignUpPath(activity, shift uuid.UUID) string {
	return fmt.Sprintf("/activities/%s/shifts/%s/signup", activity, shift)
}

// FamilyPath is where a family signs up together.
func FamilyPath(activity, shift uuid.UUID) string {
	return fmt.Sprintf("/activities/%s/shifts/%s/family", activity, shift)
}

// together are those who can sign up in one act: who could alone, and who only
// lacks the adult.
func (b Box) together() []Row {
	var out []Row
	for _, r := range b.Rows {
		if r.Signup == nil && (r.Next != "" || len(r.Why) == 1 && r.Why[0].Is(activity.ErrAdultComesToo)) {
			out = append(out, r)
		}
	}
	return out
}

func nameOf(ctx context.Context, r Row) string {
	if r.Ward == "" {
		return i18n.T(ctx, "signup.family.me")
	}
	return r.Ward
}

// AskPath is where a minor asks the guardians to agree.
func AskPath(activity, shift uuid.UUID) string {
	return fmt.Sprintf("/activities/%s/shifts/%s/ask-guardian", activity, shift)
}

func needsGuardian(why []*fault.Error) bool {
	return slices.ContainsFunc(why, func(e *fault.Error) bool { return e.Is(activity.ErrGuardianConsent) })
}

// CancelPath is the page that asks once more before a sign-up is given back.
func CancelPath(activity, shift, person uuid.UUID) string {
	return fmt.Sprintf("/activities/%s/shifts/%s/cancel?for=%s", activity, shift, person)
}

func loginPath(b Box) string {
	back := fmt.Sprintf("/activities/%s#%s", b.Shift.ActivityID, Anchor(b.Shift.ID))
	return "/login?next=" + url.QueryEscape(back)
}

// StateTag names the state of a sign-up, with the place in the waiting list.
func StateTag(ctx context.Context, g activity.Signup) ui.TagInfo {
	kind := map[activity.SignupState]ui.Kind{activity.SignupConfirmed: ui.Jade, activity.SignupPending: ui.Amber,
		activity.SignupWaiting: ui.Amber, activity.SignupRefused: ui.Red}[g.State]
	return ui.TagInfo{Kind: kind, Text: i18n.T(ctx, "signup.state."+string(g.State), "n", g.Position)}
}

// buttonText says what pressing would give.
func buttonText(ctx context.Context, r Row) string {
	key := "signup.button." + string(r.Next)
	if r.Ward != "" {
		return i18n.T(ctx, key+".ward", "name", r.Ward)
	}
	return i18n.T(ctx, key)
}

// nobody reports whether the shift itself takes nobody now, so that saying so
// once is enough.
func (b Box) nobody() *fault.Error {
	if len(b.Rows) == 0 {
		return nil
	}
	for _, r := range b.Rows {
		if r.Signup != nil || len(r.Why) != 1 || !aboutShift(r.Why[0]) {
			return nil
		}
	}
	return b.Rows[0].Why[0]
}

func aboutShift(e *fault.Error) bool {
	for _, x := range []*fault.Error{activity.ErrNotPublished, activity.ErrShiftCancelled, activity.ErrSignupNotOpen, activity.ErrSignupClosed,
		activity.ErrShiftFull, activity.ErrWaitingFull} {
		if e.Is(x) {
			return true
		}
	}
	return false
}

// Reasons are the refusals to show for an error of a sign-up: all its reasons.
func Reasons(err error) []*fault.Error {
	e := fault.As(err)
	if len(e.Fields) == 0 {
		return []*fault.Error{e}
	}
	list := make([]*fault.Error, len(e.Fields))
	for i, f := range e.Fields {
		list[i] = f.Err
	}
	return list
}

// refusal is the i-th of several reasons.
func refusal(ctx context.Context, i int, e *fault.Error, ward string) ui.RefusalInfo {
	title := i18n.T(ctx, "signup.refused")
	switch {
	case i > 0:
		title = i18n.T(ctx, "signup.refused.also")
	case ward != "":
		title = i18n.T(ctx, "signup.refused.ward", "name", ward)
	}
	l := i18n.From(ctx)
	return ui.RefusalInfo{Title: title, Why: web.Title(l, e), Remedy: web.Remedy(l, e)}
}

func (b Box) started(now time.Time) bool { return !now.Before(b.Shift.StartsAt) }
