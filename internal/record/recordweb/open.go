package recordweb

import (
	"context"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/record"
	"kapok/internal/ui"
)

// openView lists shifts of which something is still to be settled, the most
// urgent first: of an organisation, or of a division.
type openView struct {
	Desk     ui.DeskInfo
	Clocks   []record.ShiftClock
	Next     string
	Orgs     map[uuid.UUID]organisation.Organisation // of the region's desk
	Disputed []disputedLine                          // of the organisation's desk
	Choices  []ui.Link                               // divisions of the reader
}

// disputedLine is a record to which its volunteer objects.
type disputedLine struct {
	record.ServiceRecord
	VolunteerNo string
}

// maxDisputed is how many objections stand on the page; answering makes room.
const maxDisputed = 50

func (d Deps) open(w http.ResponseWriter, r *http.Request) error {
	target, err := d.orgTarget(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	list, err := d.Records.OpenOfOrgs(ctx, []uuid.UUID{target.Org}, web.ReadQuery(r).Get("after"), pageSize+1)
	if err != nil {
		return err
	}
	v := openView{Desk: d.frame(ctx, target.Org, c(ctx, "open.title"), "")}
	v.Clocks, v.Next = cut(list, orgPath(target.Org)+"?")
	if v.Disputed, err = d.disputed(ctx, target.Org); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, openPage(v))
}

// cut takes one page from a list of one more; base ends in ? or &.
func cut(list []record.ShiftClock, base string) ([]record.ShiftClock, string) {
	if len(list) <= pageSize {
		return list, ""
	}
	list = list[:pageSize]
	return list, base + "after=" + url.QueryEscape(list[pageSize-1].Cursor())
}

func (d Deps) disputed(ctx context.Context, org uuid.UUID) ([]disputedLine, error) {
	list, err := record.DisputedOf(ctx, d.Pool, org, maxDisputed)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for i, rec := range list {
		ids[i] = rec.Person
	}
	people, err := d.People.GetMany(ctx, ids)
	out := make([]disputedLine, len(list))
	for i, rec := range list {
		out[i] = disputedLine{rec, people[rec.Person].VolunteerNo}
	}
	if err != nil {
		return nil, err
	}
	return out, d.note(ctx, audit.Reading{Subjects: ids, Object: audit.Object("organisation", org), Data: []audit.Data{audit.MaskedName, audit.Service},
		Purpose: "objections", Org: &org})
}

// late is the region's list of shifts whose clock runs out or ran out.
func (d Deps) late(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	own := divisionsOf(account.From(ctx))
	f := web.ReadQuery(r)
	division := chosen(own, f.Get("division"))
	list, err := d.Records.OpenOfDivision(ctx, division, f.Get("after"), pageSize+1)
	if err != nil {
		return err
	}
	v := openView{Choices: d.choices(ctx, own, division)}
	if d.RegionDesk != nil {
		v.Desk = d.RegionDesk(ctx, division)
	}
	v.Desk.Title, v.Desk.NoIndex = c(ctx, "late.title"), true
	v.Clocks, v.Next = cut(list, "/admin/late?division="+division+"&")
	ids := make([]uuid.UUID, len(v.Clocks))
	for i, x := range v.Clocks {
		ids[i] = x.Org
	}
	if v.Orgs, err = d.Orgs.GetMany(ctx, ids); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, latePage(v))
}

// divisionsOf are the divisions a person looks after.
func divisionsOf(p *account.Principal) []string {
	var out []string
	for _, g := range p.Grants {
		if g.Role == account.RegionAdmin && g.Region != "" {
			out = append(out, g.Region)
		}
	}
	return out
}

// chosen is the division asked for if it is the reader's, else the first.
func chosen(own []string, asked string) string {
	for _, code := range own {
		if code == asked {
			return code
		}
	}
	return own[0] // the gate lets nobody in who has none
}

func (d Deps) choices(ctx context.Context, own []string, now string) []ui.Link {
	if len(own) < 2 {
		return nil
	}
	out := make([]ui.Link, len(own))
	for i, code := range own {
		out[i] = ui.Link{Href: "/admin/late?division=" + code, Text: d.Regions.FullName(i18n.From(ctx), code), Current: code == now}
	}
	return out
}

// masked is a name as it stands on a shared screen.
func masked(ctx context.Context, p person.Person) string {
	return person.MaskName(person.NameIn(i18n.From(ctx), p))
}
