package privacyweb

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/privacy"
	"kapok/internal/ui"
)

func (d Deps) askCorrection(w http.ResponseWriter, r *http.Request) error {
	f, who, err := form(r)
	if err != nil {
		return err
	}
	a := privacy.Asking{By: me(r.Context()), Person: who, Item: f.Get("item"), Words: f.Text("words", true, 500), Wish: person.Correction{
		NameHans: f.Get("name_hans"), NameHant: f.Get("name_hant"), NameLatin: f.Get("name_latin"), BirthDate: f.Date("birth_date", false), Gender: f.Get("gender")}}
	if err = f.Err(); err == nil {
		_, err = d.Privacy.AskCorrection(r.Context(), a)
	}
	if err == nil {
		return back(w, r, f, "asked")
	}
	return d.askedWrongly(w, r, f, uuid.Nil, err)
}

func (d Deps) appeal(w http.ResponseWriter, r *http.Request) error {
	f, who, err := form(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("request"))
	if err != nil {
		return privacy.ErrNoRequest
	}
	words := f.Text("words", true, 500)
	if err = f.Err(); err == nil {
		_, err = d.Privacy.AppealCorrection(r.Context(), me(r.Context()), who, id, words)
	}
	if err == nil {
		return back(w, r, f, "appealed")
	}
	return d.askedWrongly(w, r, f, id, err)
}

// askedWrongly shows the page with the form that was refused; appeal is the
// request that the form is about, or uuid.Nil.
func (d Deps) askedWrongly(w http.ResponseWriter, r *http.Request, f *web.Form, appeal uuid.UUID, refused error) error {
	if err := f.Show(refused); err != nil {
		return err
	}
	v, err := d.data(r.Context(), f.Get("for"), false)
	if err != nil {
		return err
	}
	v.Form, v.Appeal = f, appeal
	return web.Page(w, r, http.StatusUnprocessableEntity, d.dataPage(v))
}

// asking is the refused form of an item, or nil.
func (v data) asking(item string) *web.Form {
	if v.Form == nil || v.Appeal != uuid.Nil || v.Form.Get("item") != item {
		return nil
	}
	return v.Form
}

// appealing is the refused form of an appeal against a request, or nil.
func (v data) appealing(r privacy.Request) *web.Form {
	if v.Appeal != r.ID {
		return nil
	}
	return v.Form
}

// appealable reports whether the person can still appeal: once for each refusal.
func (v data) appealable(r privacy.Request) bool {
	return r.Appealable() && !slices.ContainsFunc(v.Requests, func(x privacy.Request) bool { return x.Appeals != nil && *x.Appeals == r.ID })
}

func seenDocument(f *web.Form) person.NewDocument {
	return person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.DocumentKind(f.Get("document_kind")), Issuer: f.Get("document_issuer"),
		Number: f.Get("document_number")}, Name: f.Get("name"), ValidTo: f.Date("valid_to", false)}
}

func itemOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, code := range privacy.Correctable {
		if !slices.Contains(privacy.Typed, code) {
			out = append(out, ui.Option{Value: code, Text: i18n.T(ctx, "privacy.item."+code)})
		}
	}
	return out
}

func codeOptions(ctx context.Context, list person.CodeList) []ui.Option {
	out := make([]ui.Option, len(list.Codes))
	for i, code := range list.Codes {
		out[i] = ui.Option{Value: code, Text: list.Text(i18n.From(ctx), code)}
	}
	return out
}

// countryOptions begins with none: only passports need one.
func countryOptions(l i18n.Lang) []ui.Option {
	out := []ui.Option{{}}
	for _, code := range person.Countries() {
		out = append(out, ui.Option{Value: code, Text: person.CountryName(l, code)})
	}
	return out
}

// shownValue is a change in words: 男 → 女.
func (d Deps) shownValue(l i18n.Lang, c person.Change) string {
	was, is := c.Was, c.Is
	if list, ok := lists[c.Name]; ok {
		was, is = list.Text(l, was), list.Text(l, is)
	}
	if was == "" {
		was = "—"
	}
	return was + " → " + is
}

// wishJSON is the new values of a request, and of the answer to it.
type wishJSON struct {
	NameHans  string `json:"name_hans,omitempty" maxLength:"200"`
	NameHant  string `json:"name_hant,omitempty" maxLength:"200"`
	NameLatin string `json:"name_latin,omitempty" maxLength:"200"`
	BirthDate string `json:"birth_date,omitempty" format:"date"`
	Gender    string `json:"gender,omitempty" enum:"male,female"`
}

func wishAsJSON(c person.Correction) *wishJSON {
	if c == (person.Correction{}) {
		return nil
	}
	w := wishJSON{NameHans: c.NameHans, NameHant: c.NameHant, NameLatin: c.NameLatin, Gender: c.Gender}
	if !c.BirthDate.IsZero() {
		w.BirthDate = c.BirthDate.Format(time.DateOnly)
	}
	return &w
}

// correction reads the values; the schema has checked the date.
func (w wishJSON) correction() person.Correction {
	born, _ := time.Parse(time.DateOnly, w.BirthDate)
	return person.Correction{NameHans: w.NameHans, NameHant: w.NameHant, NameLatin: w.NameLatin, BirthDate: born, Gender: w.Gender}
}

// seenJSON is a document typed off the card.
type seenJSON struct {
	Kind    string `json:"kind" enum:"mainland_id,travel_permit,residence_permit,hkid,macao_bir,passport,foreigner_id"`
	Issuer  string `json:"issuer,omitempty" maxLength:"2" doc:"Of passports: ISO 3166-1 alpha-2"`
	Number  string `json:"number" maxLength:"40"`
	Name    string `json:"name" maxLength:"200" doc:"As on the card"`
	ValidTo string `json:"valid_to,omitempty" format:"date"`
}

func (s *seenJSON) document() person.NewDocument {
	if s == nil {
		return person.NewDocument{}
	}
	until, _ := time.Parse(time.DateOnly, s.ValidTo)
	return person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.DocumentKind(s.Kind), Issuer: s.Issuer, Number: s.Number}, Name: s.Name, ValidTo: until}
}

type appealIn struct {
	forIn
	Request uuid.UUID `path:"request" format:"uuid"`
	Body    struct {
		Words string `json:"words" maxLength:"500"`
	}
}

func (d Deps) apiCorrect(ctx context.Context, in *correctionIn) (*requestOut, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	a := privacy.Asking{By: me(ctx), Person: who, Item: in.Body.Item, Words: in.Body.Words}
	if in.Body.Values != nil {
		a.Wish = in.Body.Values.correction()
	}
	r, err := d.Privacy.AskCorrection(ctx, a)
	return &requestOut{requestAsJSON(r)}, err
}

func (d Deps) apiAppeal(ctx context.Context, in *appealIn) (*requestOut, error) {
	who, err := whose(ctx, in.For)
	if err != nil {
		return nil, err
	}
	r, err := d.Privacy.AppealCorrection(ctx, me(ctx), who, in.Request, in.Body.Words)
	return &requestOut{requestAsJSON(r)}, err
}
