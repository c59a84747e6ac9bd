package attendanceweb

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/attendance"
	"kapok/internal/kit/web"
)

// AttendanceJSON is an attendance as the API shows it.
type AttendanceJSON struct {
	ID        uuid.UUID  `json:"id" format:"uuid"`
	Shift     uuid.UUID  `json:"shift" format:"uuid"`
	Person    uuid.UUID  `json:"person" format:"uuid"`
	SignedUp  bool       `json:"signed_up" doc:"False for somebody who came without a sign-up"`
	State     string     `json:"state" enum:"open,complete,unconfirmed,dismissed" doc:"unconfirmed: the check-out was forgotten and waits to be settled"`
	InAt      time.Time  `json:"in_at"`
	InMethod  string     `json:"in_method" enum:"qr,code,card,manual,manual_late"`
	InPlace   string     `json:"in_place" enum:"near,far,unknown" doc:"All that is kept of a position"`
	OutAt     *time.Time `json:"out_at,omitempty"`
	OutMethod string     `json:"out_method,omitempty" enum:"qr,code,card,manual,manual_late,settled"`
	OutPlace  string     `json:"out_place,omitempty" enum:"near,far,unknown"`
	Grade     string     `json:"grade" enum:"A,B,C,D,E" doc:"Strength of the evidence, A the strongest; without a check-out, of what is there"`
	ClosesAt  time.Time  `json:"closes_at" doc:"Until then the volunteer can check out"`
	Reason    string     `json:"reason,omitempty" doc:"What the organiser said of a manual, settled or dismissed one"`
}

func asJSON(a attendance.Attendance) AttendanceJSON {
	out := AttendanceJSON{ID: a.ID, Shift: a.Shift, Person: a.Person, SignedUp: a.Signup != nil, State: string(a.State), InAt: a.InAt,
		InMethod: string(a.InMethod), InPlace: string(a.InPlace), OutAt: a.OutAt, Grade: string(a.Grade()), ClosesAt: a.ClosesAt, Reason: a.Reason}
	if a.OutMethod != nil && a.OutPlace != nil {
		out.OutMethod, out.OutPlace = string(*a.OutMethod), string(*a.OutPlace)
	}
	return out
}

// lineJSON is an attendance as the organiser sees it.
type lineJSON struct {
	AttendanceJSON
	Name        string `json:"name" doc:"Masked"`
	VolunteerNo string `json:"volunteer_no"`
}

// positionJSON is where the phone says it is.
type positionJSON struct {
	Lat      float64 `json:"lat" minimum:"-90" maximum:"90"`
	Lng      float64 `json:"lng" minimum:"-180" maximum:"180"`
	Accuracy float64 `json:"accuracy_m,omitempty" minimum:"0" doc:"Radius in which the phone believes to be, metres"`
}

func (p *positionJSON) position() *attendance.Position {
	if p == nil {
		return nil
	}
	return &attendance.Position{Lat: p.Lat, Lon: p.Lng, AccuracyM: p.Accuracy}
}

// codeJSON is a rotating code.
type codeJSON struct {
	Token  string    `json:"token"`
	URL    string    `json:"url,omitempty" doc:"What the QR code of a shift carries"`
	Digits string    `json:"digits" doc:"For those without a camera: six of a shift, eight of a volunteer"`
	Until  time.Time `json:"until" doc:"When the next one comes; this one works until the one after"`
}

type (
	shiftIn struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
	}
	codeOut struct{ Body codeJSON }
	scanIn  struct {
		Shift uuid.UUID `path:"shift" format:"uuid"`
		Body  struct {
			Code      string `json:"code" maxLength:"500" doc:"The volunteer's personal code, scanned or as eight digits"`
			Direction string `json:"direction" enum:"in,out"`
		}
	}
	lineOut  struct{ Body lineJSON }
	linesOut struct {
		Body struct {
			Items []lineJSON `json:"items" doc:"In the order they came"`
		}
	}
	forIn struct {
		For string `query:"for" format:"uuid" doc:"Id of a ward; without it, oneself"`
	}
	hereIn struct {
		Body struct {
			Code      string        `json:"code" maxLength:"500" doc:"The code of the shift: the token, the address in the QR code, or six digits"`
			Shift     *uuid.UUID    `json:"shift,omitempty" format:"uuid" doc:"Where digits are looked for besides the shifts signed up for"`
			Direction string        `json:"direction" enum:"in,out"`
			Position  *positionJSON `json:"position,omitempty" doc:"Judged and dropped; without it the evidence is graded lower"`
			For       string        `json:"for,omitempty" doc:"Id of a ward; without it, oneself"`
		}
	}
	ownOut struct{ Body AttendanceJSON }
	mineIn struct {
		After string `query:"after" doc:"Value of next in the page before"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	mineOut struct {
		Body struct {
			Items []AttendanceJSON `json:"items" doc:"Newest first"`
			Next  string           `json:"next,omitempty" doc:"Value for after"`
		}
	}
	answerIn struct {
		Attendance string `path:"attendance" format:"uuid"`
		Body       struct {
			OutAt time.Time `json:"out_at" doc:"When the volunteer left"`
			Note  string    `json:"note,omitempty" maxLength:"200"`
		}
	}
)

func (d Deps) operations(api *web.API) {
	tags := []string{"attendance"}
	run := d.Access.Allow(account.RunShift, d.target)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/shifts/{shift}/code", OperationID: "shift-code", Tags: tags,
		Summary: "The code to show at the place; a new one every 30 seconds"}, run, d.apiCode)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/shifts/{shift}/scans", OperationID: "scan-card", Tags: tags, DefaultStatus: http.StatusOK,
		Summary: "Check a volunteer in or out by the personal code"}, run, d.apiScan)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/shifts/{shift}/attendance", OperationID: "shift-attendance", Tags: tags,
		Summary: "Who came to a shift"}, run, d.apiLines)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/attendance", OperationID: "check-in-or-out", Tags: tags, DefaultStatus: http.StatusOK,
		Summary:     "Check in or out by the code of a shift",
		Description: "The server's clock counts. Doing it again gives the same attendance again, so an answer that was lost can be asked for once more.",
	}, account.SignedIn, d.apiHere)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me/code", OperationID: "my-code", Tags: tags,
		Summary: "My personal code, or a ward's, to be scanned by the organiser"}, account.SignedIn, d.apiCard)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me/attendance", OperationID: "list-my-attendance", Tags: tags,
		Summary: "My attendance and that of my wards"}, account.SignedIn, d.apiMine)
	web.Op(api, huma.Operation{Method: http.MethodPost, Path: "/api/v1/me/attendance/{attendance}/answer", OperationID: "answer-missing-check-out", Tags: tags,
		Summary: "Say when I left, where the check-out was forgotten", DefaultStatus: http.StatusNoContent}, account.SignedIn, d.apiAnswer)
}

func (d Deps) apiCode(ctx context.Context, in *shiftIn) (*codeOut, error) {
	v, err := d.Attendance.Shift(ctx, in.Shift)
	if err != nil {
		return nil, err
	}
	c, err := d.Attendance.ShowCode(v)
	return &codeOut{codeJSON{c.Token, d.address(c), c.Digits, c.Until}}, err
}

func (d Deps) apiScan(ctx context.Context, in *scanIn) (*lineOut, error) {
	a, err := d.goByCard(ctx, in.Shift, in.Body.Code, attendance.Direction(in.Body.Direction))
	if err != nil {
		return nil, err
	}
	list, err := d.lines(ctx, []attendance.Attendance{a})
	if err != nil {
		return nil, err
	}
	return &lineOut{list[0].json()}, nil
}

func (l line) json() lineJSON { return lineJSON{asJSON(l.Attendance), l.Name, l.VolunteerNo} }

func (d Deps) apiLines(ctx context.Context, in *shiftIn) (*linesOut, error) {
	list, err := attendance.OfShift(ctx, d.Pool, in.Shift)
	if err != nil {
		return nil, err
	}
	named, err := d.lines(ctx, list)
	out := &linesOut{}
	out.Body.Items = make([]lineJSON, len(named))
	for i, l := range named {
		out.Body.Items[i] = l.json()
	}
	return out, err
}

func (d Deps) apiHere(ctx context.Context, in *hereIn) (*ownOut, error) {
	who, err := whose(ctx, in.Body.For)
	if err != nil {
		return nil, err
	}
	proof, err := d.Attendance.Read(ctx, who, in.Body.Code, in.Body.Shift)
	if err != nil {
		return nil, err
	}
	a, err := d.Attendance.Go(ctx, proof, attendance.Direction(in.Body.Direction), in.Body.Position.position())
	return &ownOut{asJSON(a)}, err
}

func (d Deps) apiCard(ctx context.Context, in *forIn) (*codeOut, error) {
	who, err := whose(ctx, in.For)
	c := d.Attendance.ShowCard(who)
	return &codeOut{codeJSON{Token: c.Token, Digits: c.Digits, Until: c.Until}}, err
}

func (d Deps) apiMine(ctx context.Context, in *mineIn) (*mineOut, error) {
	p := account.From(ctx)
	list, err := attendance.OfPeople(ctx, d.Pool, append([]uuid.UUID{p.Person}, p.Wards...), in.After, in.Limit+1)
	out := &mineOut{}
	out.Body.Items = []AttendanceJSON{}
	for i, a := range list {
		if i == in.Limit {
			out.Body.Next = list[i-1].Cursor()
			break
		}
		out.Body.Items = append(out.Body.Items, asJSON(a))
	}
	return out, err
}

func (d Deps) apiAnswer(ctx context.Context, in *answerIn) (*struct{}, error) {
	a, err := d.own(ctx, in.Attendance)
	if err != nil {
		return nil, err
	}
	return nil, d.Attendance.Answer(ctx, attendance.Reply{Attendance: a.ID, By: account.From(ctx).Person, OutAt: in.Body.OutAt, Note: in.Body.Note})
}
