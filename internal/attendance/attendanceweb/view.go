package attendanceweb

import (
	"context"
	"regexp"
	"strings"
	"time"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/ui"
)

// facts stand below the title of a visit.
func (v visit) facts(ctx context.Context) []string {
	out := []string{ui.When(ctx, v.Shift.StartsAt, v.Shift.EndsAt, v.zone()), v.Shift.Place}
	if v.Name != "" {
		out = append(out, v.Name)
	}
	return out
}

// tag is how far a visit has come.
func (v visit) tag(ctx context.Context) ui.TagInfo {
	if v.Been == nil {
		return ui.TagInfo{Kind: ui.Plain, Text: t(ctx, "state.not_in")}
	}
	return stateTag(ctx, *v.Been, v.Shift)
}

func stateTag(ctx context.Context, a attendance.Attendance, v activity.ShiftView) ui.TagInfo {
	switch a.State {
	case attendance.Open:
		return ui.TagInfo{Kind: ui.Jade, Text: t(ctx, "in.at", "time", ui.Clock(a.InAt, zone(v)))}
	case attendance.Complete:
		return ui.TagInfo{Kind: ui.Jade, Text: t(ctx, "out.at", "time", ui.Clock(*a.OutAt, zone(v)))}
	case attendance.Unconfirmed:
		return ui.TagInfo{Kind: ui.Amber, Text: t(ctx, "state.unconfirmed")}
	}
	return ui.TagInfo{Kind: ui.Plain, Text: t(ctx, "dismissed")}
}

// tag is where somebody in the list of an organiser stands.
func (l line) tag(ctx context.Context) ui.TagInfo {
	kind := map[attendance.State]ui.Kind{attendance.Open: ui.Jade, attendance.Unconfirmed: ui.Amber}[l.State]
	return ui.TagInfo{Kind: kind, Text: t(ctx, "state."+string(l.State))}
}

// press is the text of the button; it names a ward, and the reader among wards.
func (v visit) press(ctx context.Context, alone bool) string {
	do := t(ctx, "press."+string(v.next()))
	if ui.IsElder(ctx) {
		do = t(ctx, "elder."+string(v.next()))
	}
	if alone {
		return do
	}
	return t(ctx, "press.for", "do", do, "name", v.called(ctx))
}

// look leads to the page of the attendance.
func (v visit) look(ctx context.Context) string {
	switch {
	case v.Been.State == attendance.Unconfirmed:
		return t(ctx, "forgotten.say")
	case v.Name != "":
		return t(ctx, "look.of", "name", v.Name)
	}
	return t(ctx, "look")
}

// alone reports whether only the reader can be meant.
func (v arriveView) alone() bool {
	return len(v.Here) == 1 && len(v.Others) == 0 && v.Here[0].Name == ""
}

// pressable reports whether there is a button to press.
func (v arriveView) pressable() bool {
	for _, x := range append(v.Here, v.Others...) {
		if x.next() != "" {
			return true
		}
	}
	return false
}

func (v resultView) title(ctx context.Context) string {
	return t(ctx, "title."+string(v.State))
}

// leftFirst is the time of leaving offered at first: as answered, else the end
// of the shift.
func (v resultView) leftFirst() time.Time {
	if v.Case.AnswerOutAt != nil {
		return *v.Case.AnswerOutAt
	}
	return v.Shift.EndsAt
}

// local writes a time as <input type="datetime-local"> wants it.
func local(at time.Time, zone *time.Location) string { return at.In(zone).Format("2006-01-02T15:04") }

// proved says how one side is proved: 动态码，在现场.
func proved(ctx context.Context, m attendance.Method, p attendance.Place) string {
	how := t(ctx, "method."+string(m))
	if m != attendance.QR && m != attendance.Digits {
		return how
	}
	return t(ctx, "proved", "how", how, "place", t(ctx, "place."+string(p)))
}

// spaced groups digits so that they can be read out: 483 920, 1234 5678.
func spaced(digits string) string {
	half := len(digits) / 2
	return digits[:half] + " " + digits[half:]
}

func cardPath(of member, page string) string {
	if of.Name == "" {
		return page
	}
	return page + "?for=" + of.ID.String()
}

func cardLinks(ctx context.Context, v cardView) []ui.Link {
	var out []ui.Link
	for _, m := range v.Family {
		out = append(out, ui.Link{Href: cardPath(m, "/me/code"), Text: m.called(ctx), Current: m.ID == v.Of.ID})
	}
	return out
}

// reload is when a page without JavaScript loads anew: on the dot while there
// is a code, else now and then, as check-in may have opened.
func (v codeView) reload() int {
	if v.Err != nil {
		return 60
	}
	return v.Left
}

// said is what just happened to somebody: 李*文 8:56 已签到.
func (l line) said(ctx context.Context, v activity.ShiftView) string {
	return t(ctx, "scan.done", "name", l.Name, "what", stateTag(ctx, l.Attendance, v).Text)
}

func directions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: string(attendance.In), Text: t(ctx, "in")}, {Value: string(attendance.Out), Text: t(ctx, "out")}}
}

func columns(ctx context.Context) []ui.Col {
	return []ui.Col{{Label: t(ctx, "col.name"), Lead: true}, {Label: t(ctx, "in")}, {Label: t(ctx, "out")}, {Label: t(ctx, "grade")}, {Label: t(ctx, "col.state")}}
}

func cancelPath(v visit) string {
	path := "/activities/" + v.Shift.ActivityID.String() + "/shifts/" + v.Shift.ID.String() + "/cancel"
	if v.Name != "" {
		path += "?for=" + v.ID.String()
	}
	return path
}

var telephone = regexp.MustCompile(`^\+?[0-9][0-9 -]{5,18}[0-9]$`)

// phone is a public contact as a number to call, or "" when it is none.
func phone(contact string) string {
	contact = strings.TrimSpace(contact)
	if !telephone.MatchString(contact) {
		return ""
	}
	return strings.NewReplacer(" ", "", "-", "").Replace(contact)
}
