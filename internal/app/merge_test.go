package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/app"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/privacy"
	"kapok/internal/record"
)

// city is a wired platform with an organisation at work and two administrators.
type city struct {
	*app.App
	*attendancetest.World
	first, second uuid.UUID // administrators
	shifts        []activity.ShiftView
}

var october = time.Date(2026, 10, 10, 12, 0, 0, 0, clock.Shanghai)

func newCity(t *testing.T) *city {
	t.Helper()
	pool, clk := pgtest.New(t), clock.At(october)
	if err := app.LoadDivisions(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	c := conf.Default()
	c.Data = t.TempDir()
	a, err := app.New(t.Context(), app.Options{Config: c, Pool: pool, Clock: clk, Silent: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	w := attendancetest.On(t, &attendancetest.World{Pool: pool, Clk: clk, Keys: a.Keys, Regions: a.Regions, People: a.People})
	w.Orgs, w.Activities, w.Attendance = a.Orgs, a.Activities, a.Attendance
	s := &city{App: a, World: w}
	s.first, s.second = w.Volunteer("李管").ID, w.Volunteer("王理").ID
	for _, h := range [][2]int{{8, 10}, {9, 11}, {11, 13}, {12, 14}, {15, 17}} {
		s.shifts = append(s.shifts, w.Shift(attendancetest.Between(attendancetest.At(h[0], 0), attendancetest.At(h[1], 0))))
	}
	return s
}

func (s *city) pool() pg.DB { return s.World.Pool }

// merge lets the two administrators join b into a.
func (s *city) merge(t testing.TB, kept, absorbed person.Person) (person.Merge, person.Report) {
	t.Helper()
	ctx := context.Background()
	r, err := s.App.People.PreviewMerge(ctx, kept.ID, absorbed.ID, s.first)
	s.must(t, err)
	m, err := s.App.People.ProposeMerge(ctx, person.Proposal{Kept: kept.ID, Absorbed: absorbed.ID, By: s.first, Evidence: "出示了身份证和回乡证"})
	s.must(t, err)
	m, err = s.App.People.DecideMerge(ctx, person.Ruling{Merge: m.ID, By: s.second, Approve: true})
	s.must(t, err)
	return m, r
}

func (s *city) undo(t testing.TB, m person.Merge) person.Report {
	t.Helper()
	ctx := context.Background()
	s.must(t, s.App.People.AskUndo(ctx, person.Ruling{Merge: m.ID, By: s.second, Reason: "原来是两个人"}))
	r, err := s.App.People.DecideUndo(ctx, person.Ruling{Merge: m.ID, By: s.first, Approve: true})
	s.must(t, err)
	return r
}

func (s *city) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// state is all that belongs to two people and what it says, without versions
// and times of bookkeeping.
func (s *city) state(t testing.TB, people ...person.Person) map[string]any {
	t.Helper()
	s.drain(t)
	ids := make([]uuid.UUID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	out := map[string]any{}
	for name, sql := range map[string]string{
		"signups":        `SELECT id, shift, person, state, queue, changed_at, changed_by, reason FROM activity.signup WHERE person = ANY($1)`,
		"places":         `SELECT id, taken, waiting FROM activity.shift WHERE id IN (SELECT shift FROM activity.signup WHERE person = ANY($1))`,
		"attendance":     `SELECT id, shift, person, state, out_at FROM attendance.attendance WHERE person = ANY($1)`,
		"records":        `SELECT id, person, state, minutes, grade, approver, confirmed_at, late FROM record.service_record WHERE person = ANY($1)`,
		"totals":         `SELECT person, year, org, field, grade, confirmed_minutes, confirmed_count, pending_minutes, pending_count FROM record.hours_total WHERE person = ANY($1) AND confirmed_count + pending_count > 0`,
		"documents":      `SELECT id, person FROM person.identity_document WHERE person = ANY($1)`,
		"consents":       `SELECT id, person, given_by FROM person.consent WHERE person = ANY($1)`,
		"guardianships":  `SELECT id, guardian, ward FROM person.guardianship WHERE guardian = ANY($1) OR ward = ANY($1)`,
		"qualifications": `SELECT id, person FROM person.qualification WHERE person = ANY($1)`,
		"members":        `SELECT org, person, role, added_at FROM organisation.member WHERE person = ANY($1)`,
		"accounts":       `SELECT id, person, joined FROM account.account WHERE person = ANY($1)`,
		"roles":          `SELECT id, person, role FROM account.role_grant WHERE person = ANY($1)`,
		"merged":         `SELECT id, merged_into FROM person.person WHERE id = ANY($1)`,
	} {
		var all []byte
		s.must(t, s.pool().QueryRow(context.Background(), `SELECT coalesce(jsonb_agg(x ORDER BY to_jsonb(x)), '[]') FROM (`+sql+`) x`, ids).Scan(&all))
		var list any
		s.must(t, json.Unmarshal(all, &list))
		out[name] = list
	}
	return out
}

func (s *city) drain(t testing.TB) {
	t.Helper()
	for _, r := range append(s.Records.Readers(), s.Certificates.Reader()) {
		_, err := s.Journal.Drain(context.Background(), r)
		s.must(t, err)
	}
}

// history draws what two registrations of one human being did on one day.
type history struct {
	s    *city
	a, b person.Person
}

// draw lets both sign up, come, go, and have their hours judged.
func (h *history) draw(r *rapid.T) {
	ctx := context.Background()
	h.s.Clk.Set(october)
	small := h.s.Shift(attendancetest.Between(attendancetest.At(9, 30), attendancetest.At(10, 30)),
		func(_ *activity.Plan, p *activity.ShiftPlan) { p.Capacity, p.WaitingMax = 1, 2 })
	shifts := append(slices.Clone(h.s.shifts), small)
	for i, v := range shifts {
		for _, p := range []person.Person{h.a, h.b} {
			if rapid.Bool().Draw(r, fmt.Sprintf("sign up %d", i)) {
				_, _ = h.s.App.Activities.SignUp(ctx, activity.SignUpRequest{Shift: v.ID, Person: p.ID, By: p.ID}) // overlaps are refused
			}
		}
	}
	h.attend(r, shifts)
	h.judge(r, h.a, h.b)
}

// attend lets both come and go; what the rules refuse does not happen.
func (h *history) attend(r *rapid.T, shifts []activity.ShiftView) {
	type step struct {
		at time.Time
		do func()
	}
	var steps []step
	for i, v := range shifts {
		for _, p := range []person.Person{h.a, h.b} {
			if !rapid.Bool().Draw(r, fmt.Sprintf("come %d", i)) {
				continue
			}
			in := v.StartsAt.Add(time.Duration(rapid.IntRange(-20, 40).Draw(r, "in")) * time.Minute)
			out := v.EndsAt.Add(time.Duration(rapid.IntRange(-50, 20).Draw(r, "out")) * time.Minute)
			steps = append(steps, step{in, func() {
				_, _ = h.s.App.Attendance.CheckIn(context.Background(), h.s.Scan(v, p), attendancetest.AtPlace)
			}})
			if rapid.IntRange(0, 5).Draw(r, "forgets") > 0 {
				steps = append(steps, step{out, func() {
					_, _ = h.s.App.Attendance.CheckOut(context.Background(), h.s.Scan(v, p), attendancetest.AtPlace)
				}})
			}
		}
	}
	slices.SortStableFunc(steps, func(x, y step) int { return x.at.Compare(y.at) })
	for _, x := range steps {
		h.s.Clk.Set(x.at)
		x.do()
	}
	h.s.Clk.Set(attendancetest.At(23, 0))
	_, err := h.s.App.Attendance.Sweep(context.Background())
	h.s.must(h.s.T, err)
}

// judge confirms, disputes and voids at random.
func (h *history) judge(r *rapid.T, people ...person.Person) {
	ctx := context.Background()
	for _, p := range people {
		list, err := record.List(ctx, h.s.pool(), p.ID, record.Filter{}, "", 100)
		h.s.must(h.s.T, err)
		slices.SortFunc(list, func(a, b record.ServiceRecord) int { return slices.Compare(a.ID[:], b.ID[:]) })
		for _, x := range list {
			switch rapid.SampledFrom([]string{"confirm", "confirm", "confirm", "leave", "dispute", "void"}).Draw(r, "judge") {
			case "confirm":
				_, err = h.s.Records.Confirm(ctx, record.Confirmation{Shift: x.Shift, By: h.s.Approver.ID, Picks: []record.Pick{{Record: x.ID}}, Reason: "核对无误"})
				h.s.must(h.s.T, err)
			case "dispute":
				_, _ = h.s.Records.Dispute(ctx, record.Objection{Record: x.ID, By: p.ID, Reason: "少记了"})
			case "void":
				_, _ = h.s.Records.Void(ctx, record.Voiding{Record: x.ID, By: h.s.Approver.ID, Cause: record.NotGiven, Reason: "没有来"})
			}
		}
	}
}

// records are those of a person by id.
func (h *history) records(p person.Person) map[uuid.UUID]record.ServiceRecord {
	list, err := record.List(context.Background(), h.s.pool(), p.ID, record.Filter{}, "", 100)
	h.s.must(h.s.T, err)
	out := map[uuid.UUID]record.ServiceRecord{}
	for _, x := range list {
		out[x.ID] = x
	}
	return out
}

// countedOnce checks a merge: nothing is left behind, no time counts twice, and
// what no longer counts overlaps something better of the other registration.
func (h *history) countedOnce(r *rapid.T, a, b map[uuid.UUID]record.ServiceRecord) {
	now := h.records(h.a)
	if len(now) != len(a)+len(b) || len(h.records(h.b)) != 0 {
		r.Fatalf("%d records of %d + %d", len(now), len(a), len(b))
	}
	counting := 0
	for id, x := range now {
		was, of := a[id], b
		if _, mine := a[id]; !mine {
			was, of = b[id], a
		}
		switch {
		case x.State == was.State:
		case was.State != record.StateConfirmed || x.State != record.StateVoided:
			r.Fatalf("%s became %s", was.State, x.State)
		default:
			if !slices.ContainsFunc(slices.Collect(mapsValues(of)), func(o record.ServiceRecord) bool {
				return now[o.ID].State == record.StateConfirmed && o.StartsAt.Before(x.EndsAt) && x.StartsAt.Before(o.EndsAt) &&
					(o.Grade < x.Grade || o.Grade == x.Grade && o.Minutes >= x.Minutes)
			}) {
				r.Fatalf("%d minutes are lost", x.Minutes)
			}
		}
		if x.State == record.StateConfirmed {
			counting += x.Minutes
		}
	}
	h.s.drain(h.s.T)
	total, err := record.MyHours(context.Background(), h.s.pool(), h.a.ID, record.Filter{})
	if err != nil || total.All.Confirmed != counting {
		r.Fatalf("the totals say %d, the records %d, %v", total.All.Confirmed, counting, err)
	}
}

func mapsValues[K comparable, V any](m map[K]V) func(func(V) bool) {
	return func(yield func(V) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// rebuilt checks that a replay of the journal gives the figures that stand.
func (h *history) rebuilt(r *rapid.T) {
	before := h.s.state(h.s.T, h.a, h.b)["totals"]
	h.s.must(h.s.T, h.s.Journal.Rebuild(context.Background(), record.Totals()))
	if d := cmp.Diff(before, h.s.state(h.s.T, h.a, h.b)["totals"]); d != "" {
		r.Fatal("a rebuild gives other totals: " + d)
	}
}

// TestMergingAndUndoingCountsEveryHourOnce: over random histories a merge loses
// and doubles nothing, and its undoing gives back exactly what there was.
func TestMergingAndUndoingCountsEveryHourOnce(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	rapid.Check(t, func(r *rapid.T) {
		h := &history{s: s, a: s.Volunteer("张三"), b: s.Volunteer("张三")}
		h.draw(r)
		before, a, b := s.state(t, h.a, h.b), h.records(h.a), h.records(h.b)
		if s.stuck(t, h) {
			return
		}
		m, _ := s.merge(t, h.a, h.b)
		h.countedOnce(r, a, b)
		h.rebuilt(r)
		life := rapid.Bool().Draw(r, "life goes on")
		if life {
			h.judge(r, h.a)
		}
		lost := s.undo(t, m)
		after := s.state(t, h.a, h.b)
		if d := cmp.Diff(before, after); !life && d != "" {
			r.Fatal("undone, but not as it was: " + d)
		}
		if !life && len(lost.Lines) > 0 {
			r.Fatalf("lost %v", lost.Lines)
		}
		h.apart(r, a, b)
		h.rebuilt(r)
	})
}

// stuck reports whether both are checked in at two places, which no merge joins.
func (s *city) stuck(t testing.TB, h *history) bool {
	t.Helper()
	var n int
	s.must(t, s.pool().QueryRow(context.Background(), `SELECT count(*) FROM attendance.attendance WHERE state = 'open' AND person IN ($1, $2)`, h.a.ID, h.b.ID).Scan(&n))
	return n > 1
}

// apart checks that everybody has exactly their own records again.
func (h *history) apart(r *rapid.T, a, b map[uuid.UUID]record.ServiceRecord) {
	for _, x := range []struct {
		of   person.Person
		want map[uuid.UUID]record.ServiceRecord
	}{{h.a, a}, {h.b, b}} {
		now := h.records(x.of)
		if len(now) != len(x.want) {
			r.Fatalf("%d records, want %d", len(now), len(x.want))
		}
		for id := range now {
			if _, mine := x.want[id]; !mine {
				r.Fatal("a record of the other one")
			}
		}
	}
}

// TestMergingWhileLifeGoesOn merges while the person who goes signs up, checks
// in and out, and has hours confirmed.
func TestMergingWhileLifeGoesOn(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	for range 8 {
		s.Clk.Set(october)
		a, b := s.Volunteer("张三"), s.Volunteer("张三")
		s.SignUp(s.shifts[1], a)
		early := s.Serve(s.shifts[0], b, attendancetest.At(8, 0), attendancetest.At(8, 40))
		var wg sync.WaitGroup
		ctx := context.Background()
		wg.Go(func() {
			_, _ = s.App.Activities.SignUp(ctx, activity.SignUpRequest{Shift: s.shifts[4].ID, Person: b.ID, By: b.ID})
		})
		wg.Go(func() { _, _ = s.App.Attendance.CheckIn(ctx, s.Scan(s.shifts[1], b), attendancetest.AtPlace) })
		wg.Go(func() {
			list, err := record.OfShift(ctx, s.pool(), early.Shift)
			if err != nil || len(list) == 0 {
				t.Error("no record", err)
				return
			}
			picks := make([]record.Pick, len(list))
			for i, x := range list {
				picks[i] = record.Pick{Record: x.ID}
			}
			if _, err := s.Records.Confirm(ctx, record.Confirmation{Shift: early.Shift, By: s.Approver.ID, Picks: picks}); err != nil {
				t.Error("confirming:", err)
			}
		})
		wg.Go(func() {
			m, err := s.App.People.ProposeMerge(ctx, person.Proposal{Kept: a.ID, Absorbed: b.ID, By: s.first, Evidence: "出示了证件"})
			if err == nil {
				_, err = s.App.People.DecideMerge(ctx, person.Ruling{Merge: m.ID, By: s.second, Approve: true})
			}
			if err != nil {
				t.Error("merging:", err)
			}
		})
		wg.Wait()
		for _, table := range []string{"activity.signup", "attendance.attendance", "record.service_record"} {
			var left int
			s.must(t, s.pool().QueryRow(ctx, `SELECT count(*) FROM `+table+` WHERE person = $1`, b.ID).Scan(&left))
			if left != 0 {
				t.Errorf("%s keeps %d rows of the person who went", table, left)
			}
		}
		s.drain(t)
		if h, err := record.MyHours(ctx, s.pool(), a.ID, record.Filter{}); err != nil || h.All.Confirmed != 40 {
			t.Errorf("%d minutes count, want 40: %v", h.All.Confirmed, err)
		}
	}
}

// TestEveryColumnOfAPersonMovesOrHasAReasonToStay finds columns of people that
// a merge would forget.
func TestEveryColumnOfAPersonMovesOrHasAReasonToStay(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	moves := map[string]bool{"activity.signup.person": true, "record.service_record.person": true, "account.account.person": true}
	for _, p := range s.App.People.MergeParts() {
		for _, o := range p.Owned {
			moves[o.Table+"."+o.Column] = true
		}
	}
	stays := map[string]string{
		"record.journal.person":     "append-only; two events tell of the move",
		"record.hours_total.person": "a reader's table, rebuilt from the journal",
		"audit.subject.person":      "part of the chain; who looked at a registration is told of that registration",
		"privacy.choice.person":     "read through person.Joined: a no said before counts until the person chooses anew",
		"idp.request.person":        "a sign-in under way, of minutes",
		"person.guardian_code.ward": "works for 48 hours; read through Standing",
	}
	rows, err := s.pool().Query(t.Context(), `SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = ANY(ARRAY['person', 'organisation', 'account', 'activity', 'attendance', 'record', 'certificate', 'notify', 'federation', 'idp', 'privacy', 'audit'])
			AND data_type = 'uuid' AND column_name IN ('person', 'ward', 'guardian', 'volunteer', 'holder', 'owner', 'applied_by', 'given_by')`)
	s.must(t, err)
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	s.must(t, err)
	if len(columns) < 15 {
		t.Fatalf("only %d columns found", len(columns))
	}
	for _, c := range columns {
		if _, ok := stays[c]; !ok && !moves[c] {
			t.Errorf("%s: a merge leaves it behind", c)
		}
	}
}

func TestBothPhonesOpenThePersonKept(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	ctx := t.Context()
	a, b := s.Volunteer("张三"), s.Volunteer("张三")
	tokens := map[uuid.UUID]string{}
	for _, p := range []person.Person{a, b} {
		s.must(t, pg.InTx(ctx, s.World.Pool, func(tx pgx.Tx) error {
			acc, err := s.Accounts.OpenTx(ctx, tx, p.ID, p.Phone)
			if err != nil {
				return err
			}
			in, err := s.Accounts.Begin(ctx, tx, acc, p.ID, account.Device{Kind: account.Web}, account.ByPasskey)
			tokens[p.ID] = in.Token
			return err
		}))
	}
	who := func(p person.Person) uuid.UUID {
		t.Helper()
		w, err := s.Accounts.Who(ctx, tokens[p.ID])
		if err != nil || w == nil {
			t.Fatal("a session ended", err)
		}
		_, byPhone, err := s.Accounts.WithPhone(ctx, p.Phone)
		if err != nil || byPhone != w.Person {
			t.Errorf("phone and session differ: %v", err)
		}
		return w.Person
	}
	who(b) // remembered
	m, _ := s.merge(t, a, b)
	if who(a) != a.ID || who(b) != a.ID {
		t.Error("not both phones open the person kept")
	}
	if p, err := s.App.People.ByVolunteerNo(ctx, b.VolunteerNo); err != nil || p.ID != a.ID {
		t.Errorf("the old number finds %v, %v", p, err)
	}
	s.undo(t, m)
	if who(a) != a.ID || who(b) != b.ID {
		t.Error("undone, but the phones are not apart")
	}
}

// TestWhoConfirmedHisOtherRegistrationsHours: hours that one confirmed of the
// other were confirmed by nobody else, so they wait for somebody else.
func TestWhoConfirmedHisOtherRegistrationsHours(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	ctx := t.Context()
	twin := s.Volunteer("何欣")
	a := s.Serve(s.shifts[0], twin, attendancetest.At(8, 0), attendancetest.At(10, 0))
	h := &history{s: s, a: s.Approver, b: twin}
	for id := range h.records(twin) {
		_, err := s.Records.Confirm(ctx, record.Confirmation{Shift: a.Shift, By: s.Approver.ID, Picks: []record.Pick{{Record: id}}})
		s.must(t, err)
	}
	before := s.state(t, h.a, h.b)
	own, _, err := s.App.People.MergeSelf(ctx, s.Approver.ID, twin.ID)
	if err != nil || own.State != person.MergeCase || !slices.Contains(own.Conflicts, person.ConflictOwnHours) {
		t.Fatalf("merged alone: %s %v %v", own.State, own.Conflicts, err)
	}
	if d := cmp.Diff(before, s.state(t, h.a, h.b)); d != "" {
		t.Error("a case moves something: " + d)
	}
	m, _ := s.merge(t, s.Approver, twin)
	for _, r := range h.records(s.Approver) {
		if r.State != record.StateDisputed || r.Approver != nil {
			t.Errorf("own hours are %s", r.State)
		}
	}
	s.undo(t, m)
	if d := cmp.Diff(before, s.state(t, h.a, h.b)); d != "" {
		t.Error("undone, but not as it was: " + d)
	}
}

// TestFamilyRolesAndMembershipsFollow: what somebody is follows a merge and
// comes back with its undoing.
func TestFamilyRolesAndMembershipsFollow(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	ctx := t.Context()
	a, b := s.Volunteer("张三"), s.Volunteer("张三")
	for p, role := range map[uuid.UUID]organisation.Role{a.ID: organisation.Plain, b.ID: organisation.Admin} {
		no := a.VolunteerNo
		if p == b.ID {
			no = b.VolunteerNo
		}
		_, err := s.App.Orgs.AddMember(ctx, organisation.Naming{Org: s.Org.ID, VolunteerNo: no, Role: role, By: s.Admin.ID})
		s.must(t, err)
	}
	s.must(t, s.Accounts.GrantRole(ctx, b.ID, account.Inspector, "440104", uuid.Nil))
	child, err := s.App.People.Register(ctx, person.Registration{Document: person.DocumentInput{Kind: person.HKID, Number: "A123456(3)"},
		NameHans: "张小", BirthDate: time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC), Gender: person.Female, Division: "440104", ServiceFields: []string{"0001"},
		Guardian: b.ID, Relation: "mother", Consents: map[person.Purpose]string{person.ConsentPrivacy: "privacy-1", person.ConsentDocument: "document-1",
			person.ConsentChild: "child-1", person.ConsentGuardian: "guardian-2"}})
	s.must(t, err)
	s.must(t, pg.InTx(ctx, s.World.Pool, func(tx pgx.Tx) error {
		for _, p := range []person.Person{a, b} {
			if err := s.App.People.AddQualificationTx(ctx, tx, uuid.New(), p.ID, person.Qualification{Code: "nurse"}); err != nil {
				return err
			}
		}
		return s.App.People.AddQualificationTx(ctx, tx, uuid.New(), b.ID, person.Qualification{Code: "driver"})
	}))
	before := s.state(t, a, b)
	m, _ := s.merge(t, a, b)
	who, err := s.Accounts.PrincipalOf(ctx, s.pool(), a.ID)
	s.must(t, err)
	if !who.MayActFor(child.ID) || !s.Access.Can(who, account.ManageOrg, account.Target{Org: s.Org.ID}) || !who.Holds(account.ConfirmHours) || len(who.Grants) != 2 {
		t.Errorf("holds %v, wards %v", who.Grants, who.Wards)
	}
	if q, err := s.App.People.QualificationsOf(ctx, a.ID); err != nil || len(q) != 2 {
		t.Errorf("qualifications %v, %v", q, err)
	}
	s.undo(t, m)
	if d := cmp.Diff(before, s.state(t, a, b)); d != "" {
		t.Error("undone, but not as it was: " + d)
	}
}

// A wish not to be counted for credit said under one registration holds for
// the person, until they say otherwise.
func TestANoSaidBeforeAMergeHolds(t *testing.T) {
	t.Parallel()
	s := newCity(t)
	a, b := s.Volunteer("张三"), s.Volunteer("张三")
	s.must(t, s.App.Privacy.Choose(t.Context(), b.ID, b.ID, privacy.Choices{Suggestions: true, Credit: false}))
	merged, _ := s.merge(t, a, b)
	credit := func() bool {
		c, err := s.App.Privacy.Choices(t.Context(), s.pool(), a.ID)
		s.must(t, err)
		return c.Credit
	}
	if credit() {
		t.Error("the merge forgot the no")
	}
	s.undo(t, merged)
	if !credit() {
		t.Error("the other's no stayed after parting")
	}
	s.merge(t, a, b)
	s.must(t, s.App.Privacy.Choose(t.Context(), a.ID, a.ID, privacy.Choices{Suggestions: true, Credit: true}))
	if !credit() {
		t.Error("the person's own word does not count")
	}
}
