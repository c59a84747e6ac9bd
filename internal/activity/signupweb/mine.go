package signupweb

import (
	"context"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

// pageSize is how many past sign-ups stand on a page.
const pageSize = 20

// mineView is the page "my sign-ups" of a reader and their wards.
type mineView struct {
	Upcoming []activity.MySignup
	Past     []activity.MySignup
	Names    map[uuid.UUID]string // of wards
	Older    string               // path of the next page; "" on the last
	First    bool                 // the first page, with what is coming
}

func (d Deps) mine(w http.ResponseWriter, r *http.Request) error {
	before, err := cursor(r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	who, names, err := d.family(r.Context())
	if err != nil {
		return err
	}
	v := mineView{Names: names, First: before == 0}
	if v.First {
		if v.Upcoming, err = d.Activities.Upcoming(r.Context(), who); err != nil {
			return err
		}
	}
	if v.Past, err = d.Activities.PastSignups(r.Context(), who, before, pageSize+1); err != nil {
		return err
	}
	if len(v.Past) > pageSize {
		v.Past = v.Past[:pageSize]
		v.Older = "/me/signups?before=" + strconv.FormatInt(v.Past[pageSize-1].Queue, 10)
	}
	return web.Page(w, r, http.StatusOK, minePage(v))
}

// cursor reads a keyset cursor; "" is the beginning.
func cursor(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, ErrBadCursor
	}
	return n, nil
}

// family is the reader and their wards, these with names.
func (d Deps) family(ctx context.Context) ([]uuid.UUID, map[uuid.UUID]string, error) {
	p := account.From(ctx)
	names := map[uuid.UUID]string{}
	if len(p.Wards) > 0 {
		people, err := d.People.GetMany(ctx, p.Wards)
		if err != nil {
			return nil, nil, err
		}
		for id, x := range people {
			names[id] = person.NameIn(i18n.From(ctx), x)
		}
	}
	return append([]uuid.UUID{p.Person}, p.Wards...), names, nil
}
