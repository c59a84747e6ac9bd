package recordweb

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/organisation"
	"kapok/internal/person"
	"kapok/internal/record"
	"kapok/internal/ui"
)

const pageSize = 30

// mineView is the page of one's own hours.
type mineView struct {
	hours   record.Hours // of the filter
	all     record.Hours // of all years, for the choice of years
	filter  record.Filter
	ward    string
	records []record.ServiceRecord
	next    string
	orgs    map[uuid.UUID]organisation.Organisation
	family  []ui.Link
}

func readFilter(f *web.Form) record.Filter {
	out := record.Filter{Year: f.Int("year", false, 1980, 2200), Field: f.Get("field")}
	if id, err := uuid.Parse(f.Get("org")); err == nil {
		out.Org = id
	}
	if !organisation.Fields.Has(out.Field) {
		out.Field = ""
	}
	if f.Err() != nil {
		out.Year = 0
	}
	return out
}

func (d Deps) mine(w http.ResponseWriter, r *http.Request) error {
	f := web.ReadQuery(r)
	v, err := d.mineView(r.Context(), readFilter(f), f.Get("for"), f.Get("after"))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, minePage(v))
}

func (d Deps) mineView(ctx context.Context, filter record.Filter, ward, after string) (v mineView, err error) {
	v = mineView{filter: filter, ward: ward}
	who, err := holder(ctx, ward)
	if err != nil {
		return v, err
	}
	if v.all, err = record.MyHours(ctx, d.Pool, who, record.Filter{}); err != nil {
		return v, err
	}
	if v.hours, err = record.MyHours(ctx, d.Pool, who, filter); err != nil {
		return v, err
	}
	if v.records, err = record.List(ctx, d.Pool, who, filter, after, pageSize+1); err != nil {
		return v, err
	}
	if len(v.records) > pageSize {
		v.records = v.records[:pageSize]
		v.next = v.href(filter, v.records[pageSize-1].Cursor())
	}
	if v.orgs, err = d.Orgs.GetMany(ctx, slices.Collect(maps.Keys(v.all.ByOrg))); err != nil {
		return v, err
	}
	v.family, err = d.family(ctx, ward)
	return v, err
}

// family links to the hours of the reader and of each ward.
func (d Deps) family(ctx context.Context, ward string) ([]ui.Link, error) {
	p := account.From(ctx)
	if len(p.Wards) == 0 {
		return nil, nil
	}
	people, err := d.People.GetMany(ctx, p.Wards)
	out := []ui.Link{{Href: "/me/hours", Text: i18n.T(ctx, "recordweb.mine.me"), Current: ward == ""}}
	for _, id := range p.Wards {
		out = append(out, ui.Link{Href: "/me/hours?for=" + id.String(), Text: person.NameIn(i18n.From(ctx), people[id]), Current: ward == id.String()})
	}
	return out, err
}

// href is this page with another filter.
func (v mineView) href(f record.Filter, after string) string {
	q := url.Values{}
	set := func(key, value string, given bool) {
		if given {
			q.Set(key, value)
		}
	}
	set("for", v.ward, v.ward != "")
	set("year", strconv.Itoa(f.Year), f.Year != 0)
	set("field", f.Field, f.Field != "")
	set("org", f.Org.String(), f.Org != uuid.Nil)
	set("after", after, after != "")
	if len(q) == 0 {
		return "/me/hours"
	}
	return "/me/hours?" + q.Encode()
}

// years are the filter links by year, newest first.
func (v mineView) years(ctx context.Context) []ui.Link {
	f := v.filter
	f.Year = 0
	out := []ui.Link{{Href: v.href(f, ""), Text: i18n.T(ctx, "recordweb.mine.all_years"), Current: v.filter.Year == 0}}
	for _, y := range slices.Backward(slices.Sorted(maps.Keys(v.all.ByYear))) {
		f.Year = y
		out = append(out, ui.Link{Href: v.href(f, ""), Text: strconv.Itoa(y), Current: v.filter.Year == y})
	}
	return out
}

// part is a line of a breakdown, with a link that narrows the page to it.
type part struct {
	link    ui.Link
	minutes int
	count   int
}

func (v mineView) fields(ctx context.Context) []part {
	var out []part
	for code, s := range v.hours.ByField {
		f := v.filter
		f.Field = code
		out = append(out, part{ui.Link{Href: v.href(f, ""), Text: organisation.FieldName(i18n.From(ctx), code)}, s.Confirmed, s.ConfirmedCount})
	}
	return largestFirst(out)
}

func (v mineView) units() []part {
	var out []part
	for id, s := range v.hours.ByOrg {
		f := v.filter
		f.Org = id
		out = append(out, part{ui.Link{Href: v.href(f, ""), Text: v.orgs[id].Name}, s.Confirmed, s.ConfirmedCount})
	}
	return largestFirst(out)
}

func largestFirst(list []part) []part {
	slices.SortFunc(list, func(a, b part) int {
		if a.minutes != b.minutes {
			return b.minutes - a.minutes
		}
		if a.link.Text < b.link.Text {
			return -1
		}
		return 1
	})
	return list
}

// oneView is a record with its history.
type oneView struct {
	record  record.ServiceRecord
	history []record.Revision
	left    int // working days until due
	form    *web.Form
	err     error
}

func (d Deps) oneView(r *http.Request, f *web.Form) (oneView, error) {
	rec, err := d.own(r.Context(), r.PathValue("record"))
	if err != nil {
		return oneView{}, err
	}
	history, err := record.History(r.Context(), d.Pool, rec.ID)
	return oneView{record: rec, history: history, left: d.Records.WorkdaysLeft(rec.DueOn), form: f}, err
}

func (d Deps) one(w http.ResponseWriter, r *http.Request) error {
	v, err := d.oneView(r, web.NewForm(nil))
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, onePage(v))
}

// object keeps the volunteer's objection to a record (67号令 art. 13).
func (d Deps) object(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := d.oneView(r, f)
	if err != nil {
		return err
	}
	_, err = d.Records.Dispute(r.Context(), record.Objection{Record: v.record.ID, By: account.From(r.Context()).Person, Reason: f.Get("reason")})
	if err == nil {
		ui.SetFlash(w, r, ui.Amber, "recordweb.mine.objected")
		return web.Back(w, r, "/me/hours/"+v.record.ID.String())
	}
	if v.err = f.Show(err); v.err != nil {
		return web.Refuse(w, r, v.err, onePage(v))
	}
	return web.Page(w, r, http.StatusUnprocessableEntity, onePage(v))
}
