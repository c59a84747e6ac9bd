package accountweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// officeRoles are the roles given here: those outside organisations.
var officeRoles = account.Roles[slices.Index(account.Roles, account.RegionAdmin):]

const rolesPage = 50

// rolesQuery is which roles somebody looks at.
type rolesQuery struct {
	Role, Division string
	Ended          bool
	After          string
}

// rolesFound is a page of roles that were given.
type rolesFound struct {
	List   []account.Given
	People map[uuid.UUID]person.Person // holders and those who gave
	Next   string                      // cursor; "" at the end
}

// roles lists what fits, and notes whose roles were looked at.
func (h handlers) roles(ctx context.Context, q rolesQuery) (out rolesFound, err error) {
	f := account.GivenFilter{Role: account.Role(q.Role), Ended: q.Ended}
	if q.Division != "" {
		f.Within = func(region string) bool { return h.Regions.Within(q.Division, region) }
	}
	if out.List, err = h.Accounts.GivenRoles(ctx, f, q.After, rolesPage+1); err != nil {
		return out, err
	}
	if len(out.List) > rolesPage {
		out.List = out.List[:rolesPage]
		out.Next = out.List[rolesPage-1].Cursor()
	}
	var all []uuid.UUID
	for _, g := range out.List {
		for _, by := range []*uuid.UUID{&g.Person, g.GrantedBy, g.RevokedBy} {
			if by != nil {
				all = append(all, *by)
			}
		}
	}
	if out.People, err = h.People.GetMany(ctx, all); err != nil {
		return out, err
	}
	return out, audit.Read(ctx, h.Accounts.Pool, audit.Reading{At: h.Clock.Now(), Actor: account.From(ctx).Person, Subjects: all,
		Object: "roles", Data: []audit.Data{audit.Name, audit.RoleOf}, Purpose: "roles"})
}

// rolesView is the page: the list, its filter, and the form that gives a role.
type rolesView struct {
	rolesFound
	Query  rolesQuery
	Filter *web.Form
	Values *web.Form // of the form that gives a role
	Grant  uuid.UUID // whose form of taking away was refused
	Taking *web.Form
}

func (h handlers) rolesPage(w http.ResponseWriter, r *http.Request) error {
	return h.showRoles(w, r, rolesView{Filter: web.ReadQuery(r)}, nil)
}

// showRoles shows the page, with what was refused where it was typed.
func (h handlers) showRoles(w http.ResponseWriter, r *http.Request, v rolesView, refused error) error {
	f := web.ReadQuery(r)
	v.Query = rolesQuery{Role: f.Choice("role", false, names(officeRoles)...), Division: ui.ChosenDivision(h.Regions, f, "within"), Ended: f.Has("ended"), After: f.Get("after")}
	var err error
	if v.rolesFound, err = h.roles(r.Context(), v.Query); err != nil {
		return err
	}
	v.Filter = f
	page := func() templ.Component { return h.rolesPageView(v) }
	switch {
	case refused == nil:
		return show(w, r, page())
	case v.Taking != nil:
		return web.Again(w, r, v.Taking, refused, page)
	}
	return web.Again(w, r, v.Values, refused, page)
}

func names(roles []account.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}

func (h handlers) giveRole(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := rolesView{Values: f}
	if ui.Choosing(f) {
		return h.showRoles(w, r, v, nil)
	}
	in := roleIn{VolunteerNo: f.Text("volunteer_no", true, 20), Role: f.Choice("role", true, names(officeRoles)...), Division: ui.ChosenDivision(h.Regions, f, "division"),
		Until: f.Get("until"), Reason: f.Text("reason", true, 200)}
	if err := f.Err(); err != nil {
		return h.showRoles(w, r, v, err)
	}
	if err := h.give(r.Context(), in); err != nil {
		return h.showRoles(w, r, v, err)
	}
	return h.done(w, r, "account.roles.given", "/admin/roles")
}

// roleIn is a role to give, as a page or a program says it.
type roleIn struct {
	VolunteerNo string `json:"volunteer_no"`
	Role        string `json:"role" enum:"region_admin,inspector,credit_authority,system_admin,security_admin,auditor,partner,merchant"`
	Division    string `json:"division,omitempty" doc:"For region_admin, inspector and credit_authority; the role holds there and below"`
	Until       string `json:"until,omitempty" format:"date" doc:"Last day, in Beijing; without it the role holds until it is taken away"`
	Reason      string `json:"reason" maxLength:"200"`
}

// give gives a role; faults stand at the field they are about.
func (h handlers) give(ctx context.Context, in roleIn) error {
	var c fault.Check
	g := account.Granting{Role: account.Role(in.Role), Region: in.Division, Reason: in.Reason, By: account.From(ctx).Person}
	who, err := h.People.ByVolunteerNo(ctx, in.VolunteerNo)
	c.Must(err == nil, "volunteer_no", person.ErrNotFound)
	g.Person = who.ID
	if in.Division != "" {
		c.Add("division", h.Regions.Require(in.Division))
	}
	if in.Until != "" {
		day, err := time.ParseInLocation(time.DateOnly, in.Until, clock.Shanghai)
		c.Must(err == nil, "until", fault.ErrBadDate)
		g.Until = day.AddDate(0, 0, 1)
	}
	if err := c.Err(); err != nil {
		return err
	}
	return atField(h.Accounts.Grant(ctx, g))
}

// fieldOf tells which field of the form an error is about.
var fieldOf = map[string]string{
	account.ErrRoleKind.Code: "division", account.ErrRoleUntil.Code: "until", account.ErrRoleReason.Code: "reason",
	account.ErrRolesApart.Code: "role", account.ErrRoleTwice.Code: "role", account.ErrOwnRole.Code: "volunteer_no",
}

func atField(err error) error {
	if err == nil {
		return nil
	}
	if field, ok := fieldOf[fault.As(err).Code]; ok {
		return fault.At(field, err)
	}
	return err
}

func (h handlers) takeRole(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("grant"))
	if err != nil {
		return account.ErrNoGrant
	}
	reason := f.Text("reason", true, 200)
	err = f.Err()
	if err == nil {
		err = h.Accounts.RevokeRole(r.Context(), id, reason, account.From(r.Context()).Person)
	}
	if err != nil {
		return h.showRoles(w, r, rolesView{Grant: id, Taking: f}, fault.At("reason", err))
	}
	return h.done(w, r, "account.roles.taken", "/admin/roles")
}

// next is the address of the page after this one.
func (v rolesView) next() string {
	if v.Next == "" {
		return ""
	}
	q := url.Values{"after": {v.Next}}
	for name, value := range map[string]string{"role": v.Query.Role, "within": v.Query.Division} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if v.Query.Ended {
		q.Set("ended", "1")
	}
	return "/admin/roles?" + q.Encode()
}

func roleName(ctx context.Context, r account.Role) string { return t(ctx, "account.role."+string(r)) }

func roleOptions(ctx context.Context, any string) []ui.Option {
	var out []ui.Option
	if any != "" {
		out = append(out, ui.Option{Text: any})
	}
	for _, r := range officeRoles {
		out = append(out, ui.Option{Value: string(r), Text: roleName(ctx, r)})
	}
	return out
}

// who names somebody on the page; nil is the command line.
func (v rolesView) who(ctx context.Context, id *uuid.UUID) string {
	if id == nil {
		return t(ctx, "account.roles.by_system")
	}
	return person.NameIn(i18n.From(ctx), v.People[*id])
}

// lastDay is the last day a grant holds, in Beijing.
func lastDay(ctx context.Context, until time.Time) string {
	return ui.Date(ctx, until.Add(-time.Second), clock.Shanghai)
}

func (h handlers) rolesFrame(ctx context.Context) ui.DeskInfo {
	d := h.RegionDesk(ctx, "")
	d.Title, d.NoIndex = t(ctx, "account.roles.title"), true
	return d
}
