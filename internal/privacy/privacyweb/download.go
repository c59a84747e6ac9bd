package privacyweb

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/held"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/person"
)

// copyOf is the file with everything held about a person (PIPL art. 45).
type copyOf struct {
	MadeAt time.Time  `json:"made_at"`
	Person uuid.UUID  `json:"person"`
	Items  []itemCopy `json:"items"`
	Looks  []lookJSON `json:"looks"`
}

type itemCopy struct {
	Item  string     `json:"item"`
	Name  string     `json:"name"`
	Why   string     `json:"purpose"`
	Basis string     `json:"legal_basis"`
	Kind  string     `json:"kind"`
	Keep  string     `json:"kept"`
	Seen  string     `json:"seen_by"`
	Held  []held.Row `json:"held"`
}

// maxLooks is how many of the newest looks the copy has; the page has all.
const maxLooks = 1000

func (d Deps) copyOf(ctx context.Context, who uuid.UUID) (copyOf, error) {
	things, err := d.things(ctx, who, true)
	if err != nil {
		return copyOf{}, err
	}
	looks, err := d.looks(ctx, who, 0, maxLooks)
	l := i18n.From(ctx)
	out := copyOf{MadeAt: d.Clock.Now(), Person: who, Looks: looksJSON(looks)}
	for _, x := range things {
		out.Items = append(out.Items, itemCopy{x.Code, x.Name(l), x.Why(l), x.BasisText(l), x.KindText(l), x.KeepText(l), x.SeenText(l), x.Rows})
	}
	return out, err
}

func (d Deps) downloadJSON(w http.ResponseWriter, r *http.Request) error {
	who, err := whose(r.Context(), r.URL.Query().Get("for"))
	if err != nil {
		return err
	}
	c, err := d.copyOf(r.Context(), who)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return err
	}
	return d.send(w, r, who, "application/json", "json", text)
}

func (d Deps) downloadPDF(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, err := whose(ctx, r.URL.Query().Get("for"))
	if err != nil {
		return err
	}
	p, err := d.People.Get(ctx, who)
	if err != nil {
		return err
	}
	things, err := d.things(ctx, who, true)
	if err != nil {
		return err
	}
	file, err := d.draw(ctx, p, things)
	if err != nil {
		return err
	}
	return d.send(w, r, who, "application/pdf", "pdf", file)
}

// send hands a file out. A guardian's copy is a look at the ward's data.
func (d Deps) send(w http.ResponseWriter, r *http.Request, who uuid.UUID, kind, ending string, file []byte) error {
	err := audit.Read(r.Context(), d.Pool, audit.Reading{At: d.Clock.Now(), Actor: me(r.Context()), Subjects: []uuid.UUID{who},
		Object: audit.Object("person", who), Data: []audit.Data{audit.Profile}, Purpose: "guardian", Export: true})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="my-data-`+d.Clock.Now().In(clock.Shanghai).Format(time.DateOnly)+"."+ending+`"`)
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(file) // the browser may have gone; nothing to do
	return nil
}

const (
	margin = 56.0
	width  = pdf.A4Short - 2*margin
	lowest = pdf.A4Long - 56
)

// sheet writes paragraphs one below another over as many pages as needed.
type sheet struct {
	doc  *pdf.Doc
	page *pdf.Page
	y    float64
}

func (s *sheet) write(style pdf.Style, indent, gap float64, text string) {
	s.y += gap
	for _, line := range s.doc.WrapText(width-indent, style, text) {
		if s.page == nil || s.y+style.Size*1.5 > lowest {
			s.page, s.y = s.doc.AddPage(pdf.A4Short, pdf.A4Long), margin
		}
		s.y += style.Size * 1.5
		s.page.Text(margin+indent, s.y, pdf.Span{Text: line, Style: style})
	}
}

func (d Deps) draw(ctx context.Context, p person.Person, things []thing) ([]byte, error) {
	l := i18n.From(ctx)
	title := t(ctx, "title.ward", "name", person.NameIn(l, p))
	s := &sheet{doc: pdf.New(d.Fonts, pdf.Meta{Title: title, Lang: string(l), Created: d.Clock.Now()})}
	body, quiet := pdf.Style{Size: 9.5, Color: 0x1F2421}, pdf.Style{Size: 8.5, Color: 0x555C57}
	s.write(pdf.Style{Size: 18, Color: 0x8F2315, Bold: true}, 0, 0, title)
	s.write(quiet, 0, 2, t(ctx, "copy.made", "at", d.Clock.Now().In(clock.Shanghai).Format("2006-01-02 15:04")))
	for _, x := range things {
		s.write(pdf.Style{Size: 12, Color: 0x8F2315, Bold: true}, 0, 12, x.Name(l))
		s.write(quiet, 0, 0, x.Why(l)+" "+t(ctx, "facts", "basis", x.BasisText(l), "keep", x.KeepText(l), "seen", x.SeenText(l), "kind", x.KindText(l)))
		for _, row := range x.Rows {
			s.write(body, 10, 4, d.line(l, row))
		}
	}
	return s.doc.Bytes()
}

// line is a row as one paragraph.
func (d Deps) line(l i18n.Lang, row held.Row) string {
	text := ""
	for _, f := range row {
		if f.Name == "statement" {
			continue // signed JSON: the file for machines has it
		}
		if text != "" {
			text += " · "
		}
		text += label(l, f) + " " + d.value(l, f)
	}
	return text
}
