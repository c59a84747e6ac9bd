package recordweb

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/activity"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/workday"
	"kapok/internal/notify"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/record"
	"kapok/internal/ui"
)

var at = attendancetest.At

// bed is a site with the pages under test and an organisation at work.
type bed struct {
	*accounttest.Bed
	*attendancetest.World
	records *record.Service
	journal *record.Journal
	region  person.Person // administrator of 越秀区
}

func setup(t *testing.T) *bed {
	t.Helper()
	t.Parallel()
	b := &bed{}
	b.Bed = accounttest.New(t, func(a *accounttest.Bed) {
		b.World = attendancetest.On(t, &attendancetest.World{Pool: a.Pool, Clk: a.Clock, Keys: crypt.Ephemeral(), Regions: persontest.Regions(), People: a.People})
		a.Clock.Set(at(0, 0).AddDate(0, 0, -8))
		box := notify.Outbox{Dir: t.TempDir()}
		messages, err := notify.New(notify.Options{Pool: a.Pool, Clock: a.Clock, Log: b.World.Log, Mail: box, SMS: box,
			Address: func(context.Context, uuid.UUID) (notify.Address, error) { return notify.Address{}, nil }})
		b.Must(err)
		b.records = record.New(a.Pool, a.Clock, b.World.Log, workday.BuiltIn(), b.Activities, a.People, messages)
		b.journal = record.NewJournal(a.Pool, b.World.Log)
		b.Attendance.OnComplete(b.records.ClaimTx)
		b.Attendance.OnCase(b.records.CaseTx)
		b.region = b.World.Volunteer("区管理员")
		a.Roles[b.Admin.ID] = []account.Grant{{Role: account.OrgAdmin, Org: b.Org.ID}}
		a.Roles[b.Approver.ID] = []account.Grant{{Role: account.OrgApprover, Org: b.Org.ID}}
		a.Roles[b.Leader.ID] = []account.Grant{{Role: account.TeamLeader, Org: b.Org.ID}}
		a.Roles[b.region.ID] = []account.Grant{{Role: account.RegionAdmin, Region: "440104"}}
		Register(a.Site, a.API, Deps{Pool: a.Pool, Clock: a.Clock, Records: b.records, Attendance: b.Attendance, Activities: b.Activities,
			People: a.People, Orgs: b.Orgs, Regions: persontest.Regions(), Access: a.Access})
		a.Site.Mount("GET /assets/", ui.Assets())
	})
	for _, p := range []person.Person{b.Admin, b.Approver, b.Leader, b.region} {
		b.open(t, p)
	}
	return b
}

// open gives a person an account.
func (b *bed) open(t *testing.T, p person.Person) {
	t.Helper()
	b.InTx(t, func(tx pgx.Tx) error {
		_, err := b.Accounts.OpenTx(context.Background(), tx, p.ID, p.Phone)
		return err
	})
}

// drain lets the journal's readers catch up.
func (b *bed) drain() {
	b.T.Helper()
	for _, r := range b.records.Readers() {
		_, err := b.journal.Drain(context.Background(), r)
		b.Must(err)
	}
}

// rows are the records of a shift by the person's name.
func (b *bed) rows(v activity.ShiftView) map[string]record.Row {
	b.T.Helper()
	sh, err := b.records.Reconciliation(context.Background(), v.ID)
	b.Must(err)
	out := map[string]record.Row{}
	for _, r := range sh.Rows {
		out[r.Person.NameHans] = r
	}
	return out
}

// evening is a shift after which there is something of everything to do.
func (b *bed) evening() activity.ShiftView {
	b.T.Helper()
	v := b.Shift()
	start := b.Clk.Now()
	for _, x := range []struct {
		name     string
		from, to time.Time
	}{{"陈正常", at(8, 52), at(11, 33)}, {"吴正常", at(8, 58), at(11, 30)}, {"何迟到", at(10, 41), at(11, 32)}} {
		b.Clk.Set(start)
		b.Serve(v, b.World.Volunteer(x.name), x.from, x.to)
	}
	b.Clk.Set(start)
	forgot := b.World.Volunteer("李忘退")
	b.SignUp(v, forgot)
	b.SignUp(v, b.World.Volunteer("赵未到"))
	b.Come(v, forgot, at(8, 56))
	b.Clk.Set(at(16, 0))
	_, err := b.Attendance.Sweep(context.Background())
	b.Must(err)
	b.drain()
	return v
}

func text(p accounttest.Page) string { return strings.Join(strings.Fields(p.Find("main").Text()), " ") }

func sees(t *testing.T, p accounttest.Page, status int, words ...string) {
	t.Helper()
	if p.Status != status {
		t.Errorf("%s: status %d, want %d: %s", p.Path, p.Status, status, text(p))
	}
	for _, s := range words {
		if !strings.Contains(text(p), s) {
			t.Errorf("%s says nothing of %q: %s", p.Path, s, text(p))
		}
	}
}

var (
	untranslated = regexp.MustCompile(`\b(recordweb|record|notify|attendance|ui|fault|kit)\.[a-z_0-9.]+`)
	unfilled     = regexp.MustCompile(`\{[a-z]+[|}]`)
)

// sound checks what holds for every page in every language.
func sound(t *testing.T, l i18n.Lang, p accounttest.Page) {
	t.Helper()
	p.Find("script").Remove()
	body := p.Find("body").Text()
	if key := untranslated.FindString(body); key != "" {
		t.Errorf("%s %s shows the key %s", l, p.Path, key)
	}
	if hole := unfilled.FindString(body); hole != "" {
		t.Errorf("%s %s has an unfilled %s", l, p.Path, hole)
	}
	if p.Status >= 400 || p.Find("h1").Length() != 1 || p.Find("[style]").Length() > 0 {
		t.Errorf("%s %s: status %d, %d headings, %d inline styles", l, p.Path, p.Status, p.Find("h1").Length(), p.Find("[style]").Length())
	}
}

func picksOf(p accounttest.Page) url.Values {
	f := url.Values{}
	for _, n := range p.Find("main > form input[name=pick]").EachIter() {
		f.Add("pick", n.AttrOr("value", ""))
	}
	return f
}
