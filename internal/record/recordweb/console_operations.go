package recordweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/attendance"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/record"
)

// rowJSON is one person in the reconciliation of a shift.
type rowJSON struct {
	VolunteerNo string      `json:"volunteer_no"`
	Name        string      `json:"name" doc:"Masked"`
	Finding     string      `json:"finding" enum:"not_out,objected,walk_in,written,short,normal,here,expected,no_show,done,void,dismissed"`
	NeedsLook   bool        `json:"needs_look" doc:"Cannot be confirmed in one go with the normal ones"`
	SignedUp    bool        `json:"signed_up"`
	Attendance  *uuid.UUID  `json:"attendance,omitempty" format:"uuid"`
	InAt        *time.Time  `json:"in_at,omitempty"`
	OutAt       *time.Time  `json:"out_at,omitempty"`
	Asked       bool        `json:"asked,omitempty" doc:"The volunteer was asked when he left"`
	AnswerOutAt *time.Time  `json:"answer_out_at,omitempty" doc:"When the volunteer says he left"`
	LateMin     int         `json:"late_minutes,omitempty"`
	EarlyMin    int         `json:"early_minutes,omitempty"`
	Record      *recordJSON `json:"record,omitempty"`
}

func rowAsJSON(l i18n.Lang, r record.Row) rowJSON {
	out := rowJSON{VolunteerNo: r.Person.VolunteerNo, Name: person.MaskName(person.NameIn(l, r.Person)), Finding: string(r.Finding),
		NeedsLook: r.Finding.NeedsLook(), SignedUp: r.Signup != nil, LateMin: r.LateMin, EarlyMin: r.EarlyMin}
	if a := r.Attendance; a != nil {
		out.Attendance, out.InAt, out.OutAt = &a.ID, &a.InAt, a.OutAt
	}
	if m := r.Missing; m != nil {
		out.Asked, out.AnswerOutAt = m.AskedAt != nil, m.AnswerOutAt
	}
	if r.Record != nil {
		j := recordAsJSON(*r.Record)
		out.Record = &j
	}
	return out
}

// clockJSON is a shift of which something is still to be settled.
type clockJSON struct {
	Shift        uuid.UUID `json:"shift" format:"uuid"`
	Org          uuid.UUID `json:"org" format:"uuid"`
	Title        string    `json:"title"`
	EndsAt       time.Time `json:"ends_at"`
	DueOn        string    `json:"due_on" doc:"Ten working days after the end (67号令 art. 11)"`
	DueEstimated bool      `json:"due_estimated" doc:"The holidays of that year are not published yet"`
	WorkdaysLeft int       `json:"workdays_left" doc:"Negative: late"`
	Pending      int       `json:"pending" doc:"Hours to confirm"`
	Missing      int       `json:"missing" doc:"Check-outs missing"`
}

type (
	clocksOut struct {
		Body struct {
			Items []clockJSON `json:"items" doc:"The most urgent first"`
			Next  string      `json:"next,omitempty" doc:"Value for after"`
		}
	}
	orgHoursIn struct {
		Org   uuid.UUID `path:"org" format:"uuid"`
		After string    `query:"after"`
	}
	lateIn struct {
		Division string `query:"division" doc:"One of the reader's; without it, the first"`
		After    string `query:"after"`
	}
	shiftHoursIn struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
	}
	sheetOut struct {
		Body struct {
			DueOn        string    `json:"due_on"`
			DueEstimated bool      `json:"due_estimated"`
			WorkdaysLeft int       `json:"workdays_left"`
			SignedUp     int       `json:"signed_up"`
			Came         int       `json:"came"`
			Normal       int       `json:"normal"`
			NeedLook     int       `json:"need_look"`
			NoShows      int       `json:"no_shows"`
			WalkIns      int       `json:"walk_ins"`
			Confirmed    int       `json:"confirmed"`
			Items        []rowJSON `json:"items" doc:"What needs a look comes first"`
		}
	}
	confirmIn struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
		Body  struct {
			Records []struct {
				ID      uuid.UUID `json:"id" format:"uuid"`
				Version int       `json:"version,omitempty" doc:"As it was looked at; without it, whatever it is now"`
			} `json:"records" minItems:"1" maxItems:"5000"`
			Reason string `json:"reason,omitempty" doc:"Needed to answer an objection"`
		}
	}
	outcomeJSON struct {
		ID        uuid.UUID    `json:"id" format:"uuid"`
		Confirmed bool         `json:"confirmed"`
		Already   bool         `json:"already,omitempty" doc:"Was confirmed before"`
		Problem   *web.Problem `json:"problem,omitempty"`
	}
	confirmOut struct {
		Body struct {
			Items []outcomeJSON `json:"items" doc:"One for each record, in the order sent"`
		}
	}
	writeIn struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
		Body  struct {
			VolunteerNo string    `json:"volunteer_no"`
			InAt        time.Time `json:"in_at"`
			OutAt       time.Time `json:"out_at"`
			Reason      string    `json:"reason"`
		}
	}
	writtenOut struct {
		Body struct {
			Attendance uuid.UUID `json:"attendance" format:"uuid"`
			Grade      string    `json:"grade" enum:"D,E"`
		}
	}
	settleIn struct {
		Shift      string `path:"shift"`
		Attendance string `path:"attendance"`
		Body       struct {
			How    string    `json:"how" enum:"shift_end,actual,answer,dismissed"`
			OutAt  time.Time `json:"out_at,omitzero" doc:"For actual"`
			Reason string    `json:"reason,omitempty" doc:"Needed for actual and dismissed"`
		}
	}
	askIn struct {
		Shift      string `path:"shift"`
		Attendance string `path:"attendance"`
	}
	amendIn struct {
		Record uuid.UUID `path:"record" format:"uuid"`
		Body   struct {
			Version  int       `json:"version" doc:"As it was looked at"`
			StartsAt time.Time `json:"starts_at,omitzero"`
			EndsAt   time.Time `json:"ends_at,omitzero"`
			Minutes  int       `json:"minutes,omitempty" doc:"Without breaks; without it, all of the span"`
			Place    string    `json:"place,omitempty"`
			Content  string    `json:"content,omitempty"`
			Reason   string    `json:"reason"`
		}
	}
	voidIn struct {
		Record uuid.UUID `path:"record" format:"uuid"`
		Body   struct {
			Version int    `json:"version"`
			Cause   string `json:"cause" enum:"not_given,duplicate,not_volunteering,wrong_person,false"`
			Reason  string `json:"reason"`
		}
	}
	reinstateIn struct {
		Record uuid.UUID `path:"record" format:"uuid"`
		Body   struct {
			Version int    `json:"version"`
			Reason  string `json:"reason"`
		}
	}
)

func (d Deps) consoleOperations(api *web.API) {
	op := func(method, path, id, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: "/api/v1" + path, OperationID: id, Tags: []string{"hours"}, Summary: summary, DefaultStatus: http.StatusOK}
	}
	write, confirm, decide := d.onShift(account.RecordHours), d.onShift(account.ConfirmHours), d.Access.Allow(account.ConfirmHours, d.recordTarget)
	web.Op(api, op("GET", "/orgs/{org}/hours", "org-hours-due", "Shifts of an organisation with hours still to settle"),
		d.Access.Allow(account.ViewOrg, d.orgTarget), d.apiOpen)
	web.Op(api, op("GET", "/late", "hours-due", "Shifts of a division with hours still to settle"), d.Access.AnyScope(account.ViewRegion), d.apiLate)
	web.Op(api, op("GET", "/shifts/{shift}/hours", "reconcile-shift", "Sign-ups of a shift beside attendance and hours"), d.onShift(account.ViewOrg), d.apiSheet)
	web.Op(api, op("POST", "/shifts/{shift}/hours/confirmations", "confirm-hours", "Confirm records of a shift in one go"), confirm, d.apiConfirm)
	web.Op(api, op("POST", "/shifts/{shift}/hours/entries", "write-attendance", "Record somebody who came but was not checked in"), write, d.apiWrite)
	settle := op("POST", "/shifts/{shift}/hours/{attendance}/settlement", "settle-missing-check-out", "Say when somebody left who forgot to check out")
	ask := op("POST", "/shifts/{shift}/hours/{attendance}/question", "ask-missing-check-out", "Ask the volunteer when he left")
	settle.DefaultStatus, ask.DefaultStatus = http.StatusNoContent, http.StatusNoContent
	web.Op(api, settle, write, d.apiSettle)
	web.Op(api, ask, write, d.apiAsk)
	web.Op(api, op("POST", "/records/{record}/amendments", "amend-record", "Correct a record; the old values are kept"), decide, d.apiAmend)
	web.Op(api, op("POST", "/records/{record}/voids", "void-record", "Void a record and tell the volunteer"), decide, d.apiVoid)
	web.Op(api, op("POST", "/records/{record}/reinstatements", "reinstate-record", "Take a void back"), decide, d.apiReinstate)
}

func clocksAsJSON(list []record.ShiftClock) *clocksOut {
	out := &clocksOut{}
	out.Body.Items = []clockJSON{}
	for i, x := range list {
		if i == pageSize {
			out.Body.Next = list[i-1].Cursor()
			break
		}
		out.Body.Items = append(out.Body.Items, clockJSON{x.Shift, x.Org, x.Title, x.EndsAt, x.DueOn.Format(time.DateOnly), x.DueEstimated, x.WorkdaysLeft, x.Pending, x.Missing})
	}
	return out
}

func (d Deps) apiOpen(ctx context.Context, in *orgHoursIn) (*clocksOut, error) {
	list, err := d.Records.OpenOfOrgs(ctx, []uuid.UUID{in.Org}, in.After, pageSize+1)
	return clocksAsJSON(list), err
}

func (d Deps) apiLate(ctx context.Context, in *lateIn) (*clocksOut, error) {
	list, err := d.Records.OpenOfDivision(ctx, chosen(divisionsOf(account.From(ctx)), in.Division), in.After, pageSize+1)
	return clocksAsJSON(list), err
}

func (d Deps) apiSheet(ctx context.Context, in *shiftHoursIn) (*sheetOut, error) {
	sh, err := d.Records.Reconciliation(ctx, in.Shift)
	if err == nil {
		err = d.seen(ctx, sh, nil, false)
	}
	out := &sheetOut{}
	b := &out.Body
	b.DueOn, b.DueEstimated, b.WorkdaysLeft = sh.DueOn.Format(time.DateOnly), sh.DueEstimated, sh.WorkdaysLeft
	b.SignedUp, b.Came, b.Normal, b.NeedLook, b.NoShows, b.WalkIns, b.Confirmed = sh.SignedUp, sh.Came, sh.Normal, sh.Looks, sh.NoShows, sh.WalkIns, sh.Confirmed
	b.Items = []rowJSON{}
	for _, r := range sh.Rows {
		b.Items = append(b.Items, rowAsJSON(i18n.From(ctx), r))
	}
	return out, err
}

func (d Deps) apiConfirm(ctx context.Context, in *confirmIn) (*confirmOut, error) {
	m := record.Confirmation{Shift: in.Shift, By: me(ctx), Reason: in.Body.Reason}
	for _, r := range in.Body.Records {
		m.Picks = append(m.Picks, record.Pick{Record: r.ID, Version: r.Version})
	}
	list, err := d.Records.Confirm(ctx, m)
	out := &confirmOut{}
	out.Body.Items = []outcomeJSON{}
	for _, o := range list {
		j := outcomeJSON{ID: o.Record, Confirmed: o.Err == nil, Already: o.Already}
		if o.Err != nil {
			j.Problem = web.NewProblem(i18n.From(ctx), o.Err, "")
		}
		out.Body.Items = append(out.Body.Items, j)
	}
	return out, err
}

func (d Deps) apiWrite(ctx context.Context, in *writeIn) (*writtenOut, error) {
	var check fault.Check
	who, err := d.numbered(ctx, &check, in.Body.VolunteerNo)
	if err == nil {
		err = check.Err()
	}
	if err != nil {
		return nil, err
	}
	a, err := d.Attendance.Write(ctx, attendance.Entry{Shift: in.Shift, Person: who, By: me(ctx), InAt: in.Body.InAt, OutAt: in.Body.OutAt, Reason: in.Body.Reason})
	out := &writtenOut{}
	out.Body.Attendance, out.Body.Grade = a.ID, string(a.Grade())
	return out, err
}

// ofShift finds an attendance at a shift.
func (d Deps) ofShift(ctx context.Context, shift, id string) (attendance.Attendance, error) {
	n, err := uuid.Parse(id)
	if err != nil {
		return attendance.Attendance{}, attendance.ErrNotFound
	}
	a, err := attendance.Get(ctx, d.Pool, n)
	if err == nil && a.Shift.String() != shift {
		err = attendance.ErrNotFound
	}
	return a, err
}

func (d Deps) apiSettle(ctx context.Context, in *settleIn) (*struct{}, error) {
	a, err := d.ofShift(ctx, in.Shift, in.Attendance)
	if err != nil {
		return nil, err
	}
	return nil, d.Attendance.Settle(ctx, attendance.Verdict{Attendance: a.ID, By: me(ctx), How: attendance.How(in.Body.How), OutAt: in.Body.OutAt, Reason: in.Body.Reason})
}

func (d Deps) apiAsk(ctx context.Context, in *askIn) (*struct{}, error) {
	a, err := d.ofShift(ctx, in.Shift, in.Attendance)
	if err != nil {
		return nil, err
	}
	return nil, d.Attendance.Ask(ctx, a.ID, me(ctx))
}

func (d Deps) apiAmend(ctx context.Context, in *amendIn) (*recordOut, error) {
	b := in.Body
	r, err := d.Records.Amend(ctx, record.Amendment{Record: in.Record, Version: b.Version, By: me(ctx), Reason: b.Reason, StartsAt: b.StartsAt, EndsAt: b.EndsAt,
		Minutes: b.Minutes, Place: b.Place, Content: b.Content})
	return &recordOut{recordAsJSON(r)}, err
}

func (d Deps) apiVoid(ctx context.Context, in *voidIn) (*recordOut, error) {
	b := in.Body
	r, err := d.Records.Void(ctx, record.Voiding{Record: in.Record, Version: b.Version, By: me(ctx), Cause: record.Cause(b.Cause), Reason: b.Reason})
	return &recordOut{recordAsJSON(r)}, err
}

func (d Deps) apiReinstate(ctx context.Context, in *reinstateIn) (*recordOut, error) {
	r, err := d.Records.Reinstate(ctx, record.Reinstatement{Record: in.Record, Version: in.Body.Version, By: me(ctx), Reason: in.Body.Reason})
	return &recordOut{recordAsJSON(r)}, err
}
