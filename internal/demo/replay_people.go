package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

func (r *replay) peopleArrive() {
	for _, h := range r.people {
		p := arrive
		if h.guardian != nil {
			p = children
		}
		r.add(p, h.registered, func(ctx context.Context, o *office) error { return register(ctx, o, h) })
		if len(h.qualifications) > 0 {
			seen := later(h.registered, r.begin.AddDate(0, 0, -18).Add(10*time.Hour))
			r.add(found, seen, func(ctx context.Context, o *office) error { return r.seePapers(ctx, o, h) })
		}
	}
}

// seePapers: somebody at the desk of the region has seen the licences.
func (r *replay) seePapers(ctx context.Context, o *office, h *human) error {
	by := r.cast.county.id
	return pg.InTx(ctx, o.Pool, func(tx pgx.Tx) error {
		for _, code := range h.qualifications {
			if err := o.People.AddQualificationTx(ctx, tx, by, h.id, person.Qualification{Code: code}); err != nil {
				return err
			}
		}
		return nil
	})
}

// register makes a person and, where there is a phone, the account.
func register(ctx context.Context, o *office, h *human) (err error) {
	reg := registration(h)
	if h.phone == "" {
		var p person.Person
		p, err = o.People.Register(ctx, reg)
		h.id = p.ID
	} else {
		h.account, h.id, err = o.Accounts.Enrol(ctx, o.People, reg)
	}
	if err != nil {
		return fmt.Errorf("register %s born %s: %w", h.document.kind, h.born.Format(time.DateOnly), err)
	}
	return nil
}

func registration(h *human) person.Registration {
	reg := person.Registration{
		Document:  person.DocumentInput{Kind: person.DocumentKind(h.document.kind), Issuer: h.document.issuer, Number: h.document.number},
		NameHans:  h.name.hans,
		NameHant:  h.name.hant,
		NameLatin: h.name.latin,
		Gender:    person.Male, BirthDate: time.Date(h.born.Year(), h.born.Month(), h.born.Day(), 0, 0, 0, 0, time.UTC),
		Division: h.division, Phone: h.phone, Skills: h.skills, Languages: h.languages, ServiceFields: h.fields,
		Lang: i18n.Lang(h.lang), PhoneProven: h.phone != "", Consents: map[person.Purpose]string{}, Relation: h.relation,
	}
	if h.female {
		reg.Gender = person.Female
	}
	if h.guardian != nil {
		reg.Guardian = h.guardian.id
	}
	for _, p := range person.Purposes {
		reg.Consents[p] = person.CurrentConsent(p).Version
	}
	return reg
}

// office holders get their roles from the command line, as the first ones of
// any installation do.
func (r *replay) grantRoles(ctx context.Context, o *office) error {
	for division, h := range r.desks {
		if err := o.Accounts.GrantRole(ctx, h.id, account.RegionAdmin, division, uuid.Nil); err != nil {
			return err
		}
	}
	for role, h := range map[account.Role]*human{account.SystemAdmin: r.cast.system, account.SecurityAdmin: r.cast.security, account.Auditor: r.cast.auditor} {
		if err := o.Accounts.GrantRole(ctx, h.id, role, "", uuid.Nil); err != nil {
			return err
		}
	}
	return nil
}

// hand is who acts for somebody: a child's guardian, else oneself.
func (h *human) hand(at time.Time) uuid.UUID {
	if h.guardian != nil && h.age(at) < 14 {
		return h.guardian.id
	}
	return h.id
}
