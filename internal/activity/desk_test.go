package activity

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/organisation"
	"kapok/internal/person/persontest"
	"kapok/internal/region"
)

func TestPublishing(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	h := w.listen()
	a := w.draft(goodShift(8), goodShift(15))
	if a.RecordingUnit != w.org.ID || a.State != Draft || a.TravelCounted {
		t.Errorf("a fresh draft: %+v", a)
	}
	ctx := context.Background()
	a, err := w.Submit(ctx, w.move(a))
	w.must(err)
	waiting, err := w.Waiting(ctx, persontest.Guangzhou, "", 10)
	w.must(err)
	n, err := w.CountWaiting(ctx, "440000")
	if err != nil || n != 1 || len(waiting) != 1 || waiting[0].ID != a.ID {
		t.Errorf("waiting: %d %+v %v", n, waiting, err)
	}
	if elsewhere, _ := w.Waiting(ctx, persontest.Tianhe, "", 10); len(elsewhere) != 0 {
		t.Error("waits in another district")
	}
	if next, _ := w.Waiting(ctx, "440000", a.WaitingCursor(), 10); len(next) != 0 {
		t.Error("the cursor repeats")
	}
	a, err = w.Return(ctx, w.move(a))
	w.must(err)
	if a.Reason != "天气" || a.SubmittedAt != nil {
		t.Errorf("returned: %+v", a)
	}
	a, err = w.Submit(ctx, w.move(a))
	w.must(err)
	a, err = w.Publish(ctx, w.move(a))
	w.must(err)
	if diff := cmp.Diff(a, w.now(a)); diff != "" {
		t.Errorf("stored otherwise than answered: %s", diff)
	}
	want := []string{"activity.create", "activity.submit", "activity.return", "activity.submit", "activity.publish"}
	if diff := cmp.Diff(want, w.acts(a)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]State{Draft, Published}, h.decided); diff != "" {
		t.Error(diff)
	}
	if list, err := w.OfOrg(ctx, w.org.ID, uuid.Max, 10, Published); err != nil || len(list) != 1 {
		t.Errorf("of the organisation: %v %v", list, err)
	}
	if list, err := w.OfOrg(ctx, w.org.ID, uuid.Max, 10, Draft, Closed); err != nil || len(list) != 0 {
		t.Errorf("drafts of the organisation: %v %v", list, err)
	}
}

// An empty draft is kept; handing it in names everything it lacks at once.
func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	a, err := w.Create(ctx, w.project.ID, Plan{Title: "探访", LocalField: "4401", Dangerous: true, Declarations: Declarations{"pay": true, "club": false}}, nil, w.admin)
	w.must(err)
	_, err = w.Submit(ctx, w.move(a))
	for field, want := range map[string]*fault.Error{
		"content": fault.ErrRequired, "responsible": fault.ErrRequired, "division": fault.ErrRequired, "field": ErrFieldContradicts,
		"risks": ErrRisksNeeded, "insurance": ErrInsuranceNeeded, "shifts": ErrNoShift,
		"declare_job": ErrDeclare, "declare_pay": ErrNotVolunteering,
	} {
		w.refused(err, want, field)
	}
	if w.now(a).State != Draft {
		t.Error("was handed in")
	}
}

func TestPlansAreChecked(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	number := func(f float64) *float64 { return &f }
	for _, x := range []struct {
		name   string
		plan   func(*Plan)
		shift  func(*ShiftPlan)
		want   *fault.Error
		field  string
		submit bool // refused when handed in, not before
	}{
		{name: "no title", plan: func(p *Plan) { p.Title = " " }, want: fault.ErrRequired, field: "title"},
		{name: "long title", plan: func(p *Plan) { p.Title = strings.Repeat("长", 51) }, want: fault.ErrTooLong, field: "title"},
		{name: "broken text", plan: func(p *Plan) { p.Content = "a\xff" }, want: fault.ErrBadText, field: "content"},
		{name: "two lines", plan: func(p *Plan) { p.Responsible = "a\nb" }, want: fault.ErrBadText, field: "responsible"},
		{name: "field", plan: func(p *Plan) { p.Field = "9999" }, want: fault.ErrBadValue, field: "field"},
		{name: "local field", plan: func(p *Plan) { p.LocalField = "0001" }, want: fault.ErrBadValue, field: "local_field"},
		{name: "object", plan: func(p *Plan) { p.Objects = []string{"12"} }, want: fault.ErrBadValue, field: "objects"},
		{name: "guarantee", plan: func(p *Plan) { p.Guarantees = []string{"13"} }, want: fault.ErrBadValue, field: "guarantees"},
		{name: "division", plan: func(p *Plan) { p.Division = "999999" }, want: region.ErrUnknown, field: "division"},
		{name: "whole city", plan: func(p *Plan) { p.Division = "440100" }, want: region.ErrTooCoarse, field: "division"},
		{name: "recording unit", plan: func(p *Plan) { p.RecordingUnit = uuid.New() }, want: ErrNoRecordingUnit, field: "recording_unit"},
		{name: "no place", shift: func(s *ShiftPlan) { s.Place = "" }, want: fault.ErrRequired, field: "shifts.0.place"},
		{name: "no start", shift: func(s *ShiftPlan) { s.StartsAt = time.Time{} }, want: fault.ErrRequired, field: "shifts.0.starts_at"},
		{name: "no end", shift: func(s *ShiftPlan) { s.EndsAt = time.Time{} }, want: fault.ErrRequired, field: "shifts.0.ends_at"},
		{name: "ends before", shift: func(s *ShiftPlan) { s.EndsAt = s.StartsAt.Add(-time.Hour) }, want: ErrShiftEnds, field: "shifts.0.ends_at"},
		{name: "over 24 hours", shift: func(s *ShiftPlan) { s.EndsAt = s.StartsAt.Add(24*time.Hour + time.Minute) }, want: ErrShiftLong, field: "shifts.0.ends_at"},
		{name: "in three years", shift: func(s *ShiftPlan) { s.StartsAt, s.EndsAt = s.StartsAt.AddDate(3, 0, 0), s.EndsAt.AddDate(3, 0, 0) }, want: ErrShiftFar, field: "shifts.0.starts_at"},
		{name: "no places", shift: func(s *ShiftPlan) { s.Capacity = 0 }, want: fault.ErrBadNumber, field: "shifts.0.capacity"},
		{name: "waiting list", shift: func(s *ShiftPlan) { s.WaitingMax = -1 }, want: fault.ErrBadNumber, field: "shifts.0.waiting_max"},
		{name: "half a point", shift: func(s *ShiftPlan) { s.Lat = number(23.1) }, want: ErrPointHalf, field: "shifts.0.lat"},
		{name: "no number", shift: func(s *ShiftPlan) { s.Lat, s.Lon = number(math.NaN()), number(113) }, want: fault.ErrBadNumber, field: "shifts.0.lat"},
		{name: "off the globe", shift: func(s *ShiftPlan) { s.Lat, s.Lon = number(23), number(181) }, want: fault.ErrBadNumber, field: "shifts.0.lon"},
		{name: "radius without point", shift: func(s *ShiftPlan) { s.RadiusM = 100 }, want: ErrPointNeeded, field: "shifts.0.lat"},
		{name: "ages", shift: func(s *ShiftPlan) { s.MinAge, s.MaxAge = 30, 20 }, want: ErrAges, field: "shifts.0.max_age"},
		{name: "skill", shift: func(s *ShiftPlan) { s.Skills = []string{"flying"} }, want: fault.ErrBadValue, field: "shifts.0.skills"},
		{name: "window", shift: func(s *ShiftPlan) { late := s.EndsAt.Add(time.Hour); s.SignupUntil = &late }, want: ErrWindow, field: "shifts.0.signup_until"},
		{name: "past", shift: func(s *ShiftPlan) { s.StartsAt, s.EndsAt = s.StartsAt.AddDate(0, -1, 0), s.EndsAt.AddDate(0, -1, 0) }, want: ErrShiftPast, field: "shifts", submit: true},
		{name: "minors in emergency relief", plan: func(p *Plan) { p.Field, p.LocalField = "0013", "" }, shift: func(s *ShiftPlan) { s.MinAge = 17 }, want: ErrAdultEmergency, field: "shifts", submit: true},
		{name: "minors in danger", plan: func(p *Plan) { p.Dangerous, p.Insurance = true, "PICC-1" }, shift: func(s *ShiftPlan) { s.MinAge = 16 }, want: ErrAdultDanger, field: "shifts", submit: true},
	} {
		p, s := goodPlan(), goodShift(8)
		if x.plan != nil {
			x.plan(&p)
		}
		if x.shift != nil {
			x.shift(&s)
		}
		a, err := w.Create(ctx, w.project.ID, p, []ShiftPlan{s}, w.admin)
		if x.submit {
			w.must(err)
			_, err = w.Submit(ctx, w.move(a))
		}
		if err == nil {
			t.Errorf("%s: accepted", x.name)
			continue
		}
		w.refused(err, x.want, x.field)
	}
}

func TestGoodShifts(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	night := goodShift(9)
	night.StartsAt = time.Date(2026, 10, 19, 22, 0, 0, 0, clock.Shanghai)
	night.EndsAt = night.StartsAt.Add(24 * time.Hour) // past midnight, the longest
	danger := goodPlan()
	danger.Dangerous, danger.Insurance = true, "PICC-2026-1"
	night.MinAge = AgeAdult
	a, err := w.Create(context.Background(), w.project.ID, danger, []ShiftPlan{night}, w.admin)
	w.must(err)
	_, err = w.Submit(context.Background(), w.move(a))
	w.must(err)
	s := w.shifts(a)[0]
	if s.Minutes() != 1440 || !s.SignupUntil.Equal(s.StartsAt) || s.SignupFrom.After(deskDay) {
		t.Errorf("%+v", s)
	}
}

// The recording unit may be another organisation (67号令 art. 26), if it works.
func TestRecordingUnit(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	other := w.approve(organisation.Profile{Name: "区志愿者协会", Kind: organisation.VolunteerOrg, Division: persontest.Yuexiu, CreditCode: "9144030071526726XG", Email: "a@b.cn"})
	p := goodPlan()
	p.RecordingUnit = other.ID
	a, err := w.Create(context.Background(), w.project.ID, p, []ShiftPlan{goodShift(8)}, w.admin)
	w.must(err)
	_, err = w.orgs.Decide(context.Background(), organisation.Decision{Org: other.ID, Verdict: organisation.Suspend, Reason: "调查", By: w.desk})
	w.must(err)
	_, err = w.Submit(context.Background(), w.move(a)) // suspended meanwhile
	w.refused(err, ErrNoRecordingUnit, "recording_unit")
}

func TestSuspendedOrganisationPublishesNothing(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	a := w.draft(goodShift(8))
	a, err := w.Submit(ctx, w.move(a))
	w.must(err)
	_, err = w.orgs.Decide(ctx, organisation.Decision{Org: w.org.ID, Verdict: organisation.Suspend, Reason: "调查", By: w.desk})
	w.must(err)
	_, err = w.Publish(ctx, w.move(a))
	w.refused(err, ErrOrgNotWorking, "")
	_, err = w.CreateProject(ctx, w.org.ID, ProjectPlan{Name: "新"}, w.admin)
	w.refused(err, ErrOrgNotWorking, "")
	_, err = w.Create(ctx, w.project.ID, goodPlan(), nil, w.admin)
	w.refused(err, ErrOrgNotWorking, "")
}

// An offshore body works only within its filing (境外非政府组织境内活动管理法 art. 9).
func TestOffshoreBodyWithinItsFiling(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	from, to := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)
	o := w.approve(organisation.Profile{Name: "Relief", Kind: organisation.Offshore, Division: persontest.Yuexiu, Email: "a@b.hk", FilingKind: organisation.Temporary,
		FilingNo: "G1", Partner: "区慈善会", FilingFrom: &from, FilingTo: &to})
	pr, err := w.CreateProject(ctx, o.ID, ProjectPlan{Name: "关怀"}, w.admin)
	w.must(err)
	a, err := w.Create(ctx, pr.ID, goodPlan(), []ShiftPlan{goodShift(8), goodShift(40)}, w.admin)
	w.must(err)
	_, err = w.Submit(ctx, w.move(a))
	w.refused(err, ErrOutsideFiling, "shifts")
}

func TestProjects(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ctx := context.Background()
	_, err := w.CreateProject(ctx, w.org.ID, ProjectPlan{}, w.admin)
	w.refused(err, fault.ErrRequired, "name")
	pr, err := w.UpdateProject(ctx, w.project.ID, w.project.Version, ProjectPlan{Name: "敬老爱幼"}, w.admin)
	w.must(err)
	_, err = w.UpdateProject(ctx, pr.ID, w.project.Version, ProjectPlan{Name: "敬老"}, w.admin)
	w.refused(err, fault.ErrVersionConflict, "")
	a := w.draft()
	_, err = w.CloseProject(ctx, pr.ID, pr.Version, w.admin)
	w.refused(err, ErrProjectBusy, "")
	_, err = w.CancelActivity(ctx, Move{Activity: a.ID, Version: a.Version, By: w.admin}) // a draft needs no reason
	w.must(err)
	pr, err = w.CloseProject(ctx, pr.ID, pr.Version, w.admin)
	w.must(err)
	_, err = w.Create(ctx, pr.ID, goodPlan(), nil, w.admin)
	w.refused(err, ErrProjectClosed, "")
	_, err = w.UpdateProject(ctx, pr.ID, pr.Version, ProjectPlan{Name: "敬老"}, w.admin)
	w.refused(err, ErrProjectClosed, "")
	list, err := w.Projects(ctx, w.org.ID, uuid.Max, 10)
	if err != nil || len(list) != 1 || list[0].Name != "敬老爱幼" || list[0].State != ProjectClosed {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := w.Project(ctx, uuid.New()); !errors.Is(err, ErrProjectNotFound) {
		t.Error(err)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"陪老人聊天": "", "每人每天補貼 200 元": "pay", "餐补50元": "", "公司團建，全員參加": "internal", "转发朋友圈得时长": "time",
		"暑期社会实习": "own_benefit", "活动后一起聚餐": "no_aim", "节假日值班": "job", "日薪３００元": "pay", "paid work": "pay",
	} {
		got := ""
		for _, x := range (Activity{Title: "活动", Content: text}).Warnings() {
			got = x.Class
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if n := len(Classes); n != 6 || slices.Contains(Classes, "") {
		t.Errorf("%d classes", n)
	}
}
