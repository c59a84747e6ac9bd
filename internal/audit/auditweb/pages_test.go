package auditweb

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/audit"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/ui"
)

func setup(t *testing.T) *accounttest.Bed {
	t.Helper()
	t.Parallel()
	return accounttest.New(t, func(b *accounttest.Bed) {
		Register(b.Site, b.API, Deps{Pool: b.Pool, Clock: b.Clock, People: b.People, Access: b.Access,
			Desk: func(context.Context, string) ui.DeskInfo { return ui.DeskInfo{} }})
	})
}

func write(t *testing.T, b *accounttest.Bed, n int, e audit.Entry) {
	t.Helper()
	err := pg.InTx(t.Context(), b.Pool, func(tx pgx.Tx) error {
		for range n {
			e.At = b.Clock.Now()
			if err := audit.RecordTx(t.Context(), tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheAuditorFindsEntriesWithoutPersonalData(t *testing.T) {
	b := setup(t)
	ann, auditor, other := b.Account(t, "1990-02-03"), b.Account(t, "1980-02-03"), b.Account(t, "1980-02-03")
	b.Roles[auditor.ID] = []account.Grant{{Role: account.Auditor}}
	b.Roles[other.ID] = []account.Grant{{Role: account.SystemAdmin}}
	write(t, b, 1, audit.Entry{Actor: &ann.ID, Action: "organisation.approve", Object: audit.Object("organisation", uuid.New())})
	write(t, b, pageSize, audit.Entry{Action: "signup.refuse", Object: "signup/1"})
	for _, l := range i18n.Langs {
		page := b.SignedIn(t, l, auditor).Get("/admin/audit?action=organisation")
		if page.Status != 200 || !strings.Contains(page.Body, "organisation.approve") || !strings.Contains(page.Body, maskNo(ann.VolunteerNo)) {
			t.Errorf("%s: status %d", l, page.Status)
		}
		for _, secret := range []string{ann.VolunteerNo, ann.NameHans, ann.Phone, "auditweb."} {
			if strings.Contains(page.Body, secret) {
				t.Errorf("%s: %q is on the page", l, secret)
			}
		}
	}
	w := b.SignedIn(t, i18n.En, auditor)
	if p := w.Get("/admin/audit?action=audit.search"); p.Status != 200 || !strings.Contains(p.Body, "audit.search") || strings.Contains(p.Body, ">audit/") {
		t.Errorf("a search about no object in particular: %d", p.Status)
	}
	first := w.Get("/admin/audit?action=signup&from=2026-10-18&to=2026-10-18")
	if n := first.Find("tbody tr").Length(); n != pageSize {
		t.Errorf("%d rows", n)
	}
	if p := w.Get("/admin/audit?from=yesterday"); p.Status != 422 {
		t.Errorf("a day that is none: %d", p.Status)
	}
	if p := w.Get("/admin/audit?actor=" + ann.VolunteerNo); p.Find("tbody tr").Length() < 1 || p.Status != 200 {
		t.Errorf("by number: %d", p.Status)
	}
	if p := w.Get("/admin/audit?actor=nobody"); p.Status != 422 {
		t.Errorf("by a number that is none: %d", p.Status)
	}
	if p := b.SignedIn(t, i18n.En, other).Get("/admin/audit"); p.Status != 403 {
		t.Errorf("the system administrator reads the audit: %d", p.Status)
	}
}

func TestPagesFollowEachOtherAndSearchesAreNoted(t *testing.T) {
	b := setup(t)
	auditor := b.Account(t, "1980-02-03")
	b.Roles[auditor.ID] = []account.Grant{{Role: account.Auditor}}
	write(t, b, pageSize+2, audit.Entry{Action: "signup.refuse", Object: "signup/1"})
	w := b.SignedIn(t, i18n.En, auditor)
	var one, two struct {
		Items []entryJSON `json:"items"`
		Next  int64       `json:"next"`
	}
	if status, p := w.API("GET", "/api/v1/admin/audit?object=signup", nil, &one); status != 200 || len(one.Items) != pageSize || one.Next == 0 {
		t.Fatalf("status %d %v, %d items", status, p, len(one.Items))
	}
	var plain struct{ Items []map[string]any }
	if status, _ := w.API("GET", "/api/v1/admin/audit?object=signup", nil, &plain); status != 200 || len(plain.Items) == 0 || plain.Items[0]["detail"] != nil {
		t.Errorf("status %d; an entry without detail has one: %v", status, plain.Items[:1])
	}
	path := "/api/v1/admin/audit?object=signup&before=" + strconv.FormatInt(one.Next, 10)
	if status, _ := w.API("GET", path, nil, &two); status != 200 || len(two.Items) != 2 || two.Next != 0 || two.Items[0].ID >= one.Items[pageSize-1].ID {
		t.Errorf("status %d, %d items, next %d", status, len(two.Items), two.Next)
	}
	list, err := audit.Search(t.Context(), b.Pool, audit.Filter{Action: "audit.search", Actor: auditor.ID, Limit: 9})
	if err != nil || len(list) != 3 {
		t.Errorf("%d searches noted, %v", len(list), err)
	}
}
