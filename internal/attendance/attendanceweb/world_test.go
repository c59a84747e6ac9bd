package attendanceweb

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
	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

// bed is a site with the pages under test, an organisation and a shift on
// 18 October, 9:00 to 11:30.
type bed struct {
	*accounttest.Bed
	*attendancetest.World
	shift  activity.ShiftView
	anna   person.Person // signed up
	leader person.Person
}

func setup(t *testing.T, changes ...attendancetest.Change) *bed {
	t.Helper()
	t.Parallel()
	b := &bed{}
	b.Bed = accounttest.New(t, func(a *accounttest.Bed) {
		b.World = attendancetest.On(t, &attendancetest.World{Pool: a.Pool, Clk: a.Clock, Keys: crypt.Ephemeral(), Regions: persontest.Regions(), People: a.People})
		a.Clock.Set(attendancetest.At(0, 0).AddDate(0, 0, -8))
		Register(a.Site, a.API, Deps{Pool: a.Pool, Clock: a.Clock, Activities: b.Activities, Attendance: b.Attendance, People: a.People,
			Access: a.Access, Base: "https://kapok.example"})
		a.Roles[b.Leader.ID] = []account.Grant{{Role: account.TeamLeader, Org: b.Org.ID}}
	})
	b.leader = b.open(t, b.Leader)
	b.shift = b.Shift(changes...)
	b.anna = b.volunteer(t, "李小文")
	b.SignUp(b.shift, b.anna)
	b.Clk.Set(attendancetest.At(8, 50))
	return b
}

// open gives a person an account.
func (b *bed) open(t *testing.T, p person.Person) person.Person {
	t.Helper()
	b.InTx(t, func(tx pgx.Tx) error {
		_, err := b.Accounts.OpenTx(context.Background(), tx, p.ID, p.Phone)
		return err
	})
	return p
}

// volunteer registers an adult with an account.
func (b *bed) volunteer(t *testing.T, name string) person.Person {
	t.Helper()
	return b.open(t, b.World.Volunteer(name))
}

// now is the code shown at the place.
func (b *bed) now() attendance.Code {
	b.T.Helper()
	c, err := b.Attendance.ShowCode(b.shift)
	b.Must(err)
	return c
}

// of is the attendance of somebody at the shift, nil when there is none.
func (b *bed) of(p uuid.UUID) *attendance.Attendance {
	b.T.Helper()
	list, err := attendance.OfShift(context.Background(), b.Bed.Pool, b.shift.ID)
	b.Must(err)
	for _, a := range list {
		if a.Person == p {
			return &a
		}
	}
	return nil
}

func (b *bed) desk(page string) string { return shiftPath(b.shift, page) }

// scan follows the code at the place, as a phone's camera does.
func (b *bed) scan(w *accounttest.Browser) accounttest.Page {
	b.T.Helper()
	return w.Get(attendance.ScanPath + b.now().Token)
}

// press presses the one button of the page of a shift.
func press(t *testing.T, w *accounttest.Browser, p accounttest.Page, more ...string) accounttest.Page {
	t.Helper()
	button := p.Find("button[name=go]").First()
	form := url.Values{"go": {button.AttrOr("value", "")}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	action, ok := p.Find("main form").Attr("action")
	if !ok || button.Length() == 0 {
		t.Fatalf("no button on %s (%d): %s", p.Path, p.Status, text(p))
	}
	return w.Post(action, form)
}

func text(p accounttest.Page) string {
	return strings.Join(strings.Fields(p.Find("main").Text()), " ")
}

func has(t *testing.T, p accounttest.Page, status int, words ...string) {
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
	untranslated = regexp.MustCompile(`\b(attendanceweb|attendance|ui|fault|kit)\.[a-z_0-9.]+`)
	unfilled     = regexp.MustCompile(`\{[a-z]+[|}]`)
)

// sound checks what holds for every page.
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
	if p.Find("h1").Length() != 1 || p.Find("[style]").Length() > 0 || p.Find("html").AttrOr("lang", "") != string(l) {
		t.Errorf("%s %s: %d headings, %d inline styles, lang %s", l, p.Path, p.Find("h1").Length(), p.Find("[style]").Length(), p.Find("html").AttrOr("lang", ""))
	}
}

const minute = time.Minute
