package identityweb

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// pair is a merge with its two people as a desk compares them.
type pair struct {
	person.Merge
	Sides [2]side // kept, absorbed
}

type side struct {
	person.Person
	Documents []person.HeldDocument
}

// mergeDesk is what the desk shows: what waits, what was done, a form.
type mergeDesk struct {
	Waiting, Made []pair
	Values        *web.Form
	Report        *person.Report // of what the form proposes
}

// within accepts the divisions in which the reader decides.
func (h handlers) within(ctx context.Context) func(division string) bool {
	p := account.From(ctx)
	return func(division string) bool {
		return h.Access.Can(p, account.DecideMerge, account.Target{Region: division})
	}
}

func (h handlers) mergeDesk(ctx context.Context) (mergeDesk, error) {
	waiting, err := h.People.MergesWaiting(ctx, h.within(ctx))
	if err != nil {
		return mergeDesk{}, err
	}
	made, err := h.People.MergesMade(ctx, h.within(ctx))
	if err != nil {
		return mergeDesk{}, err
	}
	all, err := h.pairs(ctx, append(waiting, made...))
	if err != nil {
		return mergeDesk{}, err
	}
	return mergeDesk{Waiting: all[:len(waiting)], Made: all[len(waiting):]}, nil
}

func (h handlers) pairs(ctx context.Context, list []person.Merge) ([]pair, error) {
	var ids []uuid.UUID
	for _, m := range list {
		ids = append(ids, m.Kept, m.Absorbed)
	}
	people, err := h.People.GetMany(ctx, ids)
	out := make([]pair, len(list))
	for i, m := range list {
		out[i] = pair{Merge: m, Sides: [2]side{{Person: people[m.Kept]}, {Person: people[m.Absorbed]}}}
	}
	return out, err
}

func (h handlers) deskMerges(w http.ResponseWriter, r *http.Request) error {
	d, err := h.mergeDesk(r.Context())
	if err != nil {
		return err
	}
	return show(w, r, h.deskView(d))
}

// propose looks at two registrations, then stores the proposal.
func (h handlers) propose(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	d, err := h.mergeDesk(ctx)
	if err != nil {
		return err
	}
	d.Values = f
	m, report, err := h.proposed(ctx, proposal{f.Get("kept"), f.Get("absorbed"), f.Get("evidence"), f.Get("do") != "propose"})
	switch {
	case err != nil:
		return web.Again(w, r, f, fault.At("absorbed", err), func() templ.Component { return h.deskView(d) })
	case m == nil:
		d.Report = &report
		return show(w, r, h.deskView(d))
	}
	ui.SetFlash(w, r, ui.Jade, "identity.desk.proposed")
	return web.Back(w, r, "/admin/merges/"+m.ID.String())
}

// proposal names two registrations by their volunteer numbers.
type proposal struct {
	Kept, Absorbed, Evidence string
	Look                     bool // only says what would happen
}

// proposed checks that both are in the reader's divisions and proposes, or only
// looks. A number of somebody elsewhere is answered as one that is nobody's.
func (h handlers) proposed(ctx context.Context, in proposal) (*person.Merge, person.Report, error) {
	var c fault.Check
	kept, absorbed := h.personIn(ctx, &c, "kept", in.Kept), h.personIn(ctx, &c, "absorbed", in.Absorbed)
	if err := c.Err(); err != nil {
		return nil, person.Report{}, err
	}
	if in.Look {
		if err := h.seen(ctx, kept, absorbed); err != nil {
			return nil, person.Report{}, err
		}
		report, err := h.People.PreviewMerge(ctx, kept, absorbed, me(ctx))
		return nil, report, err
	}
	m, err := h.People.ProposeMerge(ctx, person.Proposal{Kept: kept, Absorbed: absorbed, By: me(ctx), Evidence: in.Evidence})
	return &m, person.Report{}, err
}

// seen notes that an administrator looks at how much two people have served.
func (h handlers) seen(ctx context.Context, kept, absorbed uuid.UUID) error {
	return audit.Read(ctx, h.Accounts.Pool, audit.Reading{At: h.Clock.Now(), Actor: me(ctx), Subjects: []uuid.UUID{kept, absorbed},
		Object: audit.Object("person", kept), Data: []audit.Data{audit.Service}, Purpose: "merge"})
}

func (h handlers) personIn(ctx context.Context, c *fault.Check, field, no string) uuid.UUID {
	p, err := h.People.ByVolunteerNo(ctx, no)
	if err != nil || !h.Access.Can(account.From(ctx), account.ProposeMerge, account.Target{Region: p.Division}) {
		c.Add(field, person.ErrNoSuchNumber)
	}
	return p.ID
}

// onePair is a merge with the documents of both, masked.
func (h handlers) onePair(r *http.Request) (pair, error) {
	m, err := h.mergeIn(r)
	if err != nil {
		return pair{}, err
	}
	list, err := h.pairs(r.Context(), []person.Merge{m})
	if err != nil {
		return pair{}, err
	}
	p := list[0]
	for i := range p.Sides {
		if p.Sides[i].Documents, err = h.People.Documents(r.Context(), p.Sides[i].ID); err != nil {
			return pair{}, err
		}
	}
	return p, nil
}

// one is the page of a merge.
type one struct {
	pair
	Values *web.Form
	Report *person.Report // what would happen, or what could not be put back
}

func (h handlers) deskMerge(w http.ResponseWriter, r *http.Request) error {
	page, err := h.one(r)
	if err != nil {
		return err
	}
	return show(w, r, h.oneView(page))
}

func (h handlers) one(r *http.Request) (one, error) {
	p, err := h.onePair(r)
	page := one{pair: p}
	if err != nil || p.State != person.MergeCase && p.State != person.MergeProposed {
		return page, err
	}
	report, err := h.People.PreviewMerge(r.Context(), p.Kept, p.Absorbed, me(r.Context()))
	if e := fault.As(err); err != nil && e.Kind == fault.Internal {
		return page, err
	}
	if err == nil { // else it cannot be merged now, which deciding will say
		page.Report = &report
	}
	return page, nil
}

// rule proposes, decides, or undoes.
func (h handlers) rule(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	page, err := h.one(r)
	if err != nil {
		return err
	}
	page.Values = f
	err = h.ruled(r.Context(), page.Merge, ruling{f.Get("do"), f.Get("reason")})
	if err != nil {
		return web.Again(w, r, f, fault.At("reason", err), func() templ.Component { return h.oneView(page) })
	}
	ui.SetFlash(w, r, ui.Jade, "identity.desk.decided")
	return web.Back(w, r, "/admin/merges/"+page.ID.String())
}

// ruling is one step of an administrator.
type ruling struct{ Do, Reason string }

func (h handlers) ruled(ctx context.Context, m person.Merge, in ruling) error {
	r := person.Ruling{Merge: m.ID, By: me(ctx), Reason: in.Reason}
	var err error
	switch in.Do {
	case "propose":
		_, err = h.People.ProposeMerge(ctx, person.Proposal{Kept: m.Kept, Absorbed: m.Absorbed, By: r.By, Evidence: in.Reason})
	case "swap":
		_, err = h.People.ProposeMerge(ctx, person.Proposal{Kept: m.Absorbed, Absorbed: m.Kept, By: r.By, Evidence: in.Reason})
	case "approve", "refuse":
		r.Approve = in.Do == "approve"
		_, err = h.People.DecideMerge(ctx, r)
	case "ask_undo":
		err = h.People.AskUndo(ctx, r)
	case "undo", "keep":
		r.Approve = in.Do == "undo"
		_, err = h.People.DecideUndo(ctx, r)
	default:
		err = fault.ErrBadValue
	}
	if e := fault.As(err); err != nil && len(e.Fields) == 1 && e.Fields[0].Name == "evidence" {
		return fault.At("reason", e.Fields[0].Err)
	}
	return err
}

// checking is the page on which a desk compares a card with a registration.
type checking struct {
	Org    uuid.UUID // uuid.Nil: a division's desk
	Values *web.Form
	Held   bool // the card is registered otherwise; a case was opened
}

func (c checking) action() string {
	if c.Org == uuid.Nil {
		return "/admin/identity"
	}
	return "/console/orgs/" + c.Org.String() + "/identity"
}

func (h handlers) checkPage(w http.ResponseWriter, r *http.Request) error {
	id, _ := uuid.Parse(r.PathValue("org"))
	return show(w, r, h.checkView(checking{Org: id}))
}

func (h handlers) check(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, _ := uuid.Parse(r.PathValue("org"))
	c := checking{Org: id, Values: f}
	in := person.DeskCheck{VolunteerNo: f.Get("volunteer_no"), NewDocument: readDocument(f), Level: f.Int("level", true, 1, 3)}
	err = f.Err()
	if err == nil {
		_, err = h.checked(r.Context(), id, in)
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "identity.check.done")
		return web.Back(w, r, c.action())
	}
	c.Held = fault.As(err).Code == person.ErrDocumentHeld.Code
	return web.Again(w, r, f, fault.At("volunteer_no", err), func() templ.Component { return h.checkView(c) })
}

// checked notes a check at the desk of an organisation, for its members, or of
// a division, for those who live in it.
func (h handlers) checked(ctx context.Context, org uuid.UUID, in person.DeskCheck) (person.Person, error) {
	in.By = me(ctx)
	return h.People.CheckAtDesk(ctx, in, func(p person.Person) error {
		if org == uuid.Nil {
			if !h.Access.Can(account.From(ctx), account.CheckIdentity, account.Target{Region: p.Division}) {
				return person.ErrNoSuchNumber
			}
			return nil
		}
		if member, err := h.Member(ctx, org, p.ID); err != nil || member {
			return err
		}
		return ErrNotMember
	})
}
