package privacyweb

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/audit"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/privacy"
	"kapok/internal/ui"
)

// waiting is a correction to decide, with whose it is.
type waiting struct {
	privacy.Request
	Who    person.Person
	Values *web.Form // of the answer that was refused
}

// requestTarget finds the division of the request that a path names.
func (d Deps) requestTarget(r *http.Request) (account.Target, error) {
	id, err := uuid.Parse(r.PathValue("request"))
	if err != nil {
		return account.Target{}, privacy.ErrNoRequest
	}
	x, err := d.Privacy.RequestOf(r.Context(), id)
	return account.Target{Region: x.Division}, err
}

func (d Deps) corrections(w http.ResponseWriter, r *http.Request) error {
	list, err := d.waiting(r.Context())
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, d.correctionsPage(list))
}

// waiting lists the open corrections of the administrator's divisions, and
// notes that they were read.
func (d Deps) waiting(ctx context.Context) ([]waiting, error) {
	p := account.From(ctx)
	list, err := d.Privacy.Waiting(ctx, func(division string) bool {
		return d.Access.Can(p, account.DecideCorrection, account.Target{Region: division})
	})
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(list))
	for i, r := range list {
		ids[i] = r.Person
	}
	people, err := d.People.GetMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]waiting, len(list))
	for i, r := range list {
		out[i] = waiting{Request: r, Who: people[r.Person]}
	}
	return out, d.seen(ctx, list)
}

// seenOf is what the desk shows of a person.
func seenOf(r privacy.Request) []audit.Data {
	if r.Item == "birth" {
		return []audit.Data{audit.Name, audit.Age}
	}
	return []audit.Data{audit.Name}
}

func (d Deps) seen(ctx context.Context, list []privacy.Request) error {
	return pg.InTx(ctx, d.Pool, func(tx pgx.Tx) error {
		for _, r := range list {
			err := audit.ReadTx(ctx, tx, audit.Reading{At: d.Clock.Now(), Actor: me(ctx), Subjects: []uuid.UUID{r.Person}, Object: audit.Object("privacy_request", r.ID),
				Data: seenOf(r), Purpose: "correction", Region: &r.Division})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (d Deps) decide(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("request"))
	if err != nil {
		return privacy.ErrNoRequest
	}
	answer, seen, grant := f.Text("answer", true, 500), seenDocument(f), f.Choice("do", true, "grant", "refuse") == "grant"
	if err = f.Err(); err == nil {
		err = d.Privacy.Decide(r.Context(), privacy.Decision{Request: id, Grant: grant, Seen: seen, Answer: answer, By: me(r.Context())})
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Jade, "privacyweb.desk.decided")
		return web.Back(w, r, "/admin/corrections")
	}
	if err := f.Show(err); err != nil {
		return err
	}
	list, err := d.waiting(r.Context())
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].ID == id {
			list[i].Values = f
		}
	}
	return web.Page(w, r, http.StatusUnprocessableEntity, d.correctionsPage(list))
}

// titled is the desk of the administrator's first division.
func (d Deps) titled(ctx context.Context, title string) ui.DeskInfo {
	division := ""
	for _, g := range account.From(ctx).Grants {
		if g.Role == account.RegionAdmin {
			division = g.Region
			break
		}
	}
	desk := d.RegionDesk(ctx, division)
	desk.Title, desk.NoIndex = t(ctx, title), true
	return desk
}
