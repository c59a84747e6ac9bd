package activityweb

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/activity/signupbox"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/region"
	"kapok/internal/ui"
)

// activityView is the public page of an activity.
type activityView struct {
	activity.Activity
	Org       string
	Unit      string // the recording unit, when it is another
	Tree      *region.Tree
	Coming    []signupbox.Box
	Past      []activity.Shift
	More      int  // coming shifts not shown
	Runs      bool // the reader has a desk for it
	Reviews   bool
	ReviewKey string
	origin    string
}

// shownShifts is how many coming shifts a page shows.
const shownShifts = 30

// show is the page that is shared. What was never published exists for those
// only who run or review it, and they have pages of their own.
func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	a, err := h.public(r)
	if err != nil {
		return err
	}
	v, err := h.viewActivity(r.Context(), a)
	if err != nil {
		return err
	}
	return show(w, r, activityPage(v))
}

// public is the activity of the path, if it was ever published.
func (h handlers) public(r *http.Request) (activity.Activity, error) {
	a, err := h.pathActivity(r)
	if err == nil && a.PublishedAt == nil {
		err = activity.ErrNotFound
	}
	return a, err
}

func (h handlers) viewActivity(ctx context.Context, a activity.Activity) (activityView, error) {
	v := activityView{Activity: a, Tree: h.Regions, origin: h.Origin}
	names, err := organisation.Names(ctx, h.Pool, []uuid.UUID{a.Org, a.RecordingUnit})
	if err != nil {
		return v, err
	}
	v.Org = names[a.Org]
	if a.RecordingUnit != a.Org {
		v.Unit = names[a.RecordingUnit]
	}
	p := account.From(ctx)
	v.Runs = h.Access.Can(p, account.ViewOrg, targetOf(a))
	v.Reviews = h.Access.Can(p, account.ReviewActivity, targetOf(a))
	return v, h.addShifts(ctx, &v)
}

// addShifts puts the coming shifts with their boxes before those that are over.
func (h handlers) addShifts(ctx context.Context, v *activityView) error {
	shifts, err := h.Activities.ShiftsOf(ctx, v.ID)
	if err != nil {
		return err
	}
	var coming []activity.ShiftView
	for _, s := range shifts {
		switch {
		case !s.EndsAt.After(h.Clock.Now()):
			v.Past = append(v.Past, s)
		case len(coming) < shownShifts:
			coming = append(coming, activity.ShiftView{Shift: s, Activity: v.Activity})
		default:
			v.More++
		}
	}
	v.Coming, err = h.boxes.Load(ctx, coming)
	return err
}

func (v activityView) path() string { return "/activities/" + v.ID.String() }

func (v activityView) zone() *time.Location { return zoneOf(v.Division) }

// stateTag marks an activity that takes no more sign-ups.
func stateTag(ctx context.Context, s activity.State) ui.TagInfo {
	kinds := map[activity.State]ui.Kind{activity.Draft: ui.Plain, activity.Submitted: ui.Amber, activity.Published: ui.Jade,
		activity.Closed: ui.Plain, activity.Cancelled: ui.Red}
	return ui.TagInfo{Kind: kinds[s], Text: t(ctx, "activity.state."+string(s))}
}

// fieldNames are the fields of an activity, the national one first.
func fieldNames(ctx context.Context, a activity.Activity) []string {
	var out []string
	for _, code := range []string{a.Field, a.LocalField} {
		if code != "" {
			out = append(out, activity.FieldName(lang(ctx), code))
		}
	}
	return out
}

// needs lists what a shift asks of those who serve: ages, skills, languages,
// qualifications, approval.
func needs(ctx context.Context, s activity.Shift) []string {
	var out []string
	switch {
	case s.MinAge > 0 && s.MaxAge > 0:
		out = append(out, t(ctx, "show.age.both", "min", s.MinAge, "max", s.MaxAge))
	case s.MinAge > 0:
		out = append(out, t(ctx, "show.age.min", "min", s.MinAge))
	case s.MaxAge > 0:
		out = append(out, t(ctx, "show.age.max", "max", s.MaxAge))
	}
	for _, x := range []struct {
		list  person.CodeList
		codes []string
	}{{person.Skills, s.Skills}, {person.Languages, s.Languages}, {person.Qualifications, s.Qualifications}} {
		for _, code := range x.codes {
			out = append(out, x.list.Text(lang(ctx), code))
		}
	}
	if s.Approval {
		out = append(out, t(ctx, "find.approval"))
	}
	return out
}

// geo is an address that opens the map program of a phone (RFC 5870).
func geo(s activity.Shift) string {
	if s.Lat == nil {
		return ""
	}
	return "geo:" + strconv.FormatFloat(*s.Lat, 'f', 5, 64) + "," + strconv.FormatFloat(*s.Lon, 'f', 5, 64)
}

func codeNames(ctx context.Context, list person.CodeList, codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = list.Text(lang(ctx), c)
	}
	return out
}
