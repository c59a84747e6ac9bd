// Package attendancetest builds what tests of attendance and of the areas above
// it stand on: an approved organisation with its people, published shifts,
// volunteers, on a database of the test's own and a clock it moves by hand.
//
// Owns: World.
// Invariants: everything is made through the areas' own services, so that what
// tests meet is what people make.
// Tables: none.
// Not here: rules of any area.
package attendancetest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pgtest"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/region"
)

// World is an organisation at work in 越秀区. Its clock begins on 10 October 2026.
type World struct {
	T          testing.TB
	Pool       *pgxpool.Pool
	Clk        *clock.Fixed
	Log        *slog.Logger
	Keys       *crypt.Keys
	Regions    *region.Tree
	People     *person.Service
	Orgs       *organisation.Service
	Activities *activity.Service
	Attendance *attendance.Service

	Org      organisation.Organisation
	Admin    person.Person // org_admin
	Approver person.Person // org_approver
	Leader   person.Person // team_leader

	project activity.Project
	made    atomic.Int64
}

// Day is the day of the shift that Shift makes.
var Day = time.Date(2026, 10, 18, 0, 0, 0, 0, clock.Shanghai)

// At is a time on that day in Beijing.
func At(hour, minute int) time.Time {
	return Day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// The place of the shifts, and a position 20 km away.
var (
	Lat, Lon = 23.1291, 113.2644
	AtPlace  = &attendance.Position{Lat: Lat, Lon: Lon, AccuracyM: 10}
	FarAway  = &attendance.Position{Lat: Lat + 0.2, Lon: Lon, AccuracyM: 10}
)

// New makes a world.
func New(t testing.TB) *World {
	t.Helper()
	pool, clk, keys := pgtest.New(t), clock.At(time.Date(2026, 10, 10, 12, 0, 0, 0, clock.Shanghai)), crypt.Ephemeral()
	regions := region.NewTree([]region.Division{
		{Code: "440000", Level: region.Province, NameHans: "广东省"},
		{Code: "440100", Parent: "440000", Level: region.City, NameHans: "广州市"},
		{Code: "440104", Parent: "440100", Level: region.County, NameHans: "越秀区"},
		{Code: "440106", Parent: "440100", Level: region.County, NameHans: "天河区"},
	})
	return On(t, &World{Pool: pool, Clk: clk, Keys: keys, Regions: regions, People: person.New(pool, keys, regions, clk)})
}

// On makes a world on a database and people that exist already: w has Pool,
// Clk, Keys, Regions and People.
func On(t testing.TB, w *World) *World {
	t.Helper()
	w.T, w.Log = t, slog.New(slog.NewTextHandler(io.Discard, nil))
	w.Orgs = organisation.New(w.Pool, w.Clk, w.Regions, w.People)
	w.Activities = activity.New(w.Pool, w.Clk, w.Regions, w.Orgs, w.People)
	w.Attendance = attendance.New(w.Pool, w.Clk, w.Log, w.Keys.Derive("attendance/codes"), attendance.Rules{}, w.Activities)
	w.Admin, w.Approver, w.Leader = w.Volunteer("陈华"), w.Volunteer("何欣"), w.Volunteer("吴琪")
	w.Org = w.organisation("越秀区北京街道志愿服务队")
	w.name(w.Approver, organisation.Approver)
	w.name(w.Leader, organisation.Leader)
	var err error
	w.project, err = w.Activities.CreateProject(w.ctx(), w.Org.ID, activity.ProjectPlan{Name: "敬老"}, w.Admin.ID)
	w.Must(err)
	return w
}

func (w *World) ctx() context.Context { return context.Background() }

// Must fails the test on an error.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Volunteer registers an adult of that name.
func (w *World) Volunteer(name string) person.Person {
	w.T.Helper()
	n := w.made.Add(1)
	p, err := w.People.Register(w.ctx(), person.Registration{
		Document: person.DocumentInput{Kind: person.MainlandID, Number: idNumber(n)}, NameHans: name, Division: "440104",
		Phone: fmt.Sprintf("138%08d", n), PhoneRegion: "CN", ServiceFields: []string{"0001"}, Lang: i18n.ZhHans,
		Consents: map[person.Purpose]string{person.ConsentPrivacy: "privacy-1", person.ConsentDocument: "document-1"}})
	w.Must(err)
	return p
}

// idNumber is a made-up identity number of somebody born on 5 March 1990, with
// its check digit (GB 11643, ISO 7064 MOD 11-2).
func idNumber(n int64) string {
	s := fmt.Sprintf("44010419900305%03d", n%1000)
	if n >= 1000 {
		s = fmt.Sprintf("440104%d0305%03d", 1990-n/1000, n%1000)
	}
	sum := 0
	for i := range 17 {
		sum += int(s[i]-'0') * (1 << (17 - i) % 11)
	}
	return s + string("10X98765432"[sum%11])
}

func (w *World) organisation(name string) organisation.Organisation {
	w.T.Helper()
	o, err := w.Orgs.Apply(w.ctx(), organisation.Profile{Name: name, Kind: organisation.Group, Division: "440104",
		GuidingUnit: "北京街道办事处", Phone: "020-83330000", Fields: []string{"0001"}}, w.Admin.ID)
	w.Must(err)
	o, err = w.Orgs.Decide(w.ctx(), organisation.Decision{Org: o.ID, Verdict: organisation.Approve, By: uuid.New()})
	w.Must(err)
	return o
}

func (w *World) name(p person.Person, role organisation.Role) {
	w.T.Helper()
	_, err := w.Orgs.AddMember(w.ctx(), organisation.Naming{Org: w.Org.ID, VolunteerNo: p.VolunteerNo, Role: role, By: w.Admin.ID})
	w.Must(err)
}

// Change changes a plan before it is published.
type Change func(*activity.Plan, *activity.ShiftPlan)

// Between sets the time of a shift.
func Between(from, to time.Time) Change {
	return func(_ *activity.Plan, s *activity.ShiftPlan) { s.StartsAt, s.EndsAt = from, to }
}

// Titled sets the title of the activity.
func Titled(title string) Change {
	return func(p *activity.Plan, _ *activity.ShiftPlan) { p.Title = title }
}

// Dangerous makes it a dangerous, insured activity for adults.
func Dangerous(p *activity.Plan, s *activity.ShiftPlan) {
	p.Dangerous, p.Insurance, s.MinAge = true, "PICC-2026-1018", 18
}

// Shift publishes an activity with one shift on Day, 9:00 to 11:30, unless changed.
func (w *World) Shift(changes ...Change) activity.ShiftView {
	w.T.Helper()
	plan := activity.Plan{Division: "440104", Title: "陪长者过重阳", Content: "聊天、读报、陪同散步", Responsible: "吴琪", Contact: "020-83330000",
		Field: "0001", Risks: "注意台阶湿滑", Declarations: activity.Declarations{}}
	for _, class := range activity.Classes {
		plan.Declarations[class] = false
	}
	shift := activity.ShiftPlan{StartsAt: At(9, 0), EndsAt: At(11, 30), Place: "盐运西社区", Lat: &Lat, Lon: &Lon, RadiusM: 300, Capacity: 2000}
	for _, c := range changes {
		c(&plan, &shift)
	}
	a, err := w.Activities.Create(w.ctx(), w.project.ID, plan, nil, w.Admin.ID)
	w.Must(err)
	sh, err := w.Activities.PutShift(w.ctx(), activity.ShiftEdit{Activity: a.ID, Version: a.Version, Plan: shift, By: w.Admin.ID})
	w.Must(err)
	a, err = w.Activities.Submit(w.ctx(), activity.Move{Activity: a.ID, Version: a.Version + 1, By: w.Admin.ID})
	w.Must(err)
	_, err = w.Activities.Publish(w.ctx(), activity.Move{Activity: a.ID, Version: a.Version, By: uuid.New()})
	w.Must(err)
	v, err := w.Activities.Shift(w.ctx(), w.Pool, sh.ID)
	w.Must(err)
	return v
}

// SignUp signs a volunteer up.
func (w *World) SignUp(v activity.ShiftView, p person.Person) activity.Signup {
	w.T.Helper()
	g, err := w.Activities.SignUp(w.ctx(), activity.SignUpRequest{Shift: v.ID, Person: p.ID, By: p.ID})
	w.Must(err)
	return g
}

// Scan is the proof of a volunteer who scans the code now shown at the place.
func (w *World) Scan(v activity.ShiftView, p person.Person) attendance.Proof {
	w.T.Helper()
	code, err := w.Attendance.ShowCode(v)
	w.Must(err)
	proof, err := w.Attendance.Read(w.ctx(), p.ID, "https://kapok.example"+attendance.ScanPath+code.Token, nil)
	w.Must(err)
	return proof
}

// Come checks a volunteer in at a time, by the code and at the place.
func (w *World) Come(v activity.ShiftView, p person.Person, at time.Time) attendance.Attendance {
	w.T.Helper()
	w.Clk.Set(at)
	a, err := w.Attendance.CheckIn(w.ctx(), w.Scan(v, p), AtPlace)
	w.Must(err)
	return a
}

// Leave checks a volunteer out at a time, by the code and at the place.
func (w *World) Leave(v activity.ShiftView, p person.Person, at time.Time) attendance.Attendance {
	w.T.Helper()
	w.Clk.Set(at)
	a, err := w.Attendance.CheckOut(w.ctx(), w.Scan(v, p), AtPlace)
	w.Must(err)
	return a
}

// Serve signs a volunteer up and lets them come and go.
func (w *World) Serve(v activity.ShiftView, p person.Person, from, to time.Time) attendance.Attendance {
	w.T.Helper()
	if w.Clk.Now().Before(v.StartsAt) {
		w.SignUp(v, p)
	}
	w.Come(v, p, from)
	return w.Leave(v, p, to)
}
