package attendanceweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/attendance"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
)

// readCookie keeps, in the browser that read it, that a code was good when it
// was read: "code|ticket". Signing in takes longer than a code lives.
const readCookie = "scanned"

// scanned is where a shift's QR code leads. It checks nobody in.
func (d Deps) scanned(w http.ResponseWriter, r *http.Request) error {
	code, who := r.PathValue("code"), uuid.Nil
	if p := account.From(r.Context()); p != nil {
		who = p.Person
	}
	proof, err := d.read(r, code, who)
	if err != nil {
		return web.Refuse(w, r, err, overPage(err))
	}
	if who != uuid.Nil {
		return web.Back(w, r, "/checkin/"+d.Attendance.Ticket(proof))
	}
	http.SetCookie(w, &http.Cookie{Name: readCookie, Value: code + "|" + d.Attendance.Ticket(proof), Path: attendance.ScanPath, MaxAge: 600,
		HttpOnly: true, Secure: strings.HasPrefix(d.Base, "https://"), SameSite: http.SameSiteLaxMode})
	return web.Back(w, r, "/login?next="+url.QueryEscape(attendance.ScanPath+code))
}

// read reads a scanned code, or remembers that this browser read it in time.
func (d Deps) read(r *http.Request, code string, who uuid.UUID) (attendance.Proof, error) {
	if attendance.ReadTyped(code).Token == "" {
		return attendance.Proof{}, attendance.ErrCodeUnknown // digits are no part of an address
	}
	proof, err := d.Attendance.Read(r.Context(), who, code, nil)
	if !errors.Is(err, attendance.ErrCodeExpired) {
		return proof, err
	}
	c, missing := r.Cookie(readCookie)
	if missing != nil {
		return proof, err
	}
	if before, ticket, ok := strings.Cut(c.Value, "|"); ok && before == code {
		return d.Attendance.ReadTicketFor(ticket, uuid.Nil, who)
	}
	return proof, err
}

// arriveView is the page of a shift whose code was just read.
type arriveView struct {
	Shift  activity.ShiftView
	Ticket string
	Here   []visit // those of the family it is most likely about
	Others []visit
	Err    error
}

func (d Deps) arrive(w http.ResponseWriter, r *http.Request) error {
	v, err := d.arriveView(r.Context(), r.PathValue("ticket"))
	if err != nil {
		return web.Refuse(w, r, err, overPage(err))
	}
	return web.Page(w, r, http.StatusOK, arrivePage(v))
}

func (d Deps) arriveView(ctx context.Context, ticket string) (arriveView, error) {
	v := arriveView{Ticket: ticket}
	family, err := d.family(ctx)
	if err != nil {
		return v, err
	}
	_, proof, err := d.holder(ctx, ticket)
	if err != nil {
		return v, err
	}
	if v.Shift, err = d.Attendance.Shift(ctx, proof.Shift()); err != nil {
		return v, err
	}
	for _, m := range family {
		x, err := d.visit(ctx, m, v.Shift)
		if err != nil {
			return v, err
		}
		if x.Signup || x.Been != nil {
			v.Here = append(v.Here, x)
		} else {
			v.Others = append(v.Others, x)
		}
	}
	if len(v.Here) == 0 {
		v.Here, v.Others = v.Others, nil
	}
	return v, nil
}

// holder finds who of the family a ticket was given to.
func (d Deps) holder(ctx context.Context, ticket string) (uuid.UUID, attendance.Proof, error) {
	p := account.From(ctx)
	refusal := attendance.ErrCodeUnknown
	for _, id := range append([]uuid.UUID{p.Person}, p.Wards...) {
		proof, err := d.Attendance.ReadTicket(ticket, id)
		if err == nil {
			return id, proof, nil
		}
		if errors.Is(err, attendance.ErrCodeExpired) {
			refusal = attendance.ErrCodeExpired
		}
	}
	return uuid.Nil, attendance.Proof{}, refusal
}

// confirm is the button: it checks in or out.
func (d Deps) confirm(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ticket := r.PathValue("ticket")
	a, err := d.press(r.Context(), ticket, f)
	if err != nil {
		return d.refuse(w, r, ticket, err)
	}
	return web.Back(w, r, attendancePath(a.ID))
}

func (d Deps) press(ctx context.Context, ticket string, f *web.Form) (attendance.Attendance, error) {
	do, person, _ := strings.Cut(f.Get("go"), ".")
	dir := attendance.Direction(do)
	if dir != attendance.In && dir != attendance.Out {
		return attendance.Attendance{}, fault.ErrBadValue
	}
	who, err := whose(ctx, person)
	if err != nil {
		return attendance.Attendance{}, err
	}
	holder, _, err := d.holder(ctx, ticket)
	if err != nil {
		return attendance.Attendance{}, err
	}
	proof, err := d.Attendance.ReadTicketFor(ticket, holder, who)
	if err != nil {
		return attendance.Attendance{}, err
	}
	return d.Attendance.Go(ctx, proof, dir, position(f))
}

// position is what the phone says, or nil: a broken one refuses nobody.
func position(f *web.Form) *attendance.Position {
	own := web.NewForm(f.Values)
	lat, hasLat := own.Float("lat", false, -90, 90)
	lng, hasLng := own.Float("lng", false, -180, 180)
	accuracy, _ := own.Float("accuracy", false, 0, 1e7)
	if !hasLat || !hasLng || own.Err() != nil {
		return nil
	}
	return &attendance.Position{Lat: lat, Lon: lng, AccuracyM: accuracy}
}

// refuse shows why not on the page of the shift, as long as its ticket lives.
func (d Deps) refuse(w http.ResponseWriter, r *http.Request, ticket string, err error) error {
	v, over := d.arriveView(r.Context(), ticket)
	if over != nil {
		return web.Refuse(w, r, err, overPage(err))
	}
	v.Err = err
	return web.Refuse(w, r, err, arrivePage(v))
}
