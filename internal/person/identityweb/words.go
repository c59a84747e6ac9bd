package identityweb

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/ui"
)

var (
	zone          = clock.Shanghai
	numberAttrs   = templ.Attributes{"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
	codeAttrs     = templ.Attributes{"autocomplete": "one-time-code", "inputmode": "numeric"}
	passwordAttrs = templ.Attributes{"autocomplete": "off"} // of another account than the one signed in
)

func langOf(ctx context.Context) i18n.Lang { return i18n.From(ctx) }

// step is how far the joining is: phone, document, look.
func (j joining) step() int {
	switch {
	case j.Report != nil:
		return 3
	case j.Proof != "":
		return 2
	}
	return 1
}

func levelText(ctx context.Context, level int) string {
	return person.Levels.Text(i18n.From(ctx), strconv.Itoa(level))
}

func levelKind(level int) ui.Kind {
	if level > person.SelfDeclared {
		return ui.Jade
	}
	return ui.Amber
}

// facts are the short facts of a document.
func facts(ctx context.Context, x person.HeldDocument) []string {
	out := []string{x.Masked, x.Name}
	switch {
	case x.Expired:
		out = append(out, t(ctx, "documents.expired", "day", ui.Date(ctx, *x.ValidTo, time.UTC)))
	case x.ValidTo != nil:
		out = append(out, t(ctx, "documents.valid_to", "day", ui.Date(ctx, *x.ValidTo, time.UTC)))
	}
	if x.Checked != nil && x.Assurance > 0 {
		out = append(out, t(ctx, "documents.checked", "day", ui.Date(ctx, *x.Checked, zone)))
	}
	return out
}

func options(l i18n.Lang, list person.CodeList) []ui.Option {
	out := make([]ui.Option, len(list.Codes))
	for i, c := range list.Codes {
		out[i] = ui.Option{Value: c, Text: list.Text(l, c)}
	}
	return out
}

func countries(l i18n.Lang) []ui.Option {
	out := make([]ui.Option, 0, len(person.Countries()))
	for _, code := range person.Countries() {
		out = append(out, ui.Option{Value: code, Text: person.CountryName(l, code)})
	}
	return out
}

func phoneRegions(ctx context.Context) []ui.Option {
	out := make([]ui.Option, len(person.PhoneRegions))
	for i, r := range person.PhoneRegions {
		out[i] = ui.Option{Value: r, Text: t(ctx, "phone."+r)}
	}
	return out
}

// phoneRegion is where the phone of a reader most likely is.
func phoneRegion(ctx context.Context) string {
	if i18n.From(ctx) == i18n.ZhHant {
		return "HK"
	}
	return "CN"
}

// begun is when a merge was first asked for or made.
func begun(m person.Merge) time.Time {
	for _, at := range []*time.Time{m.AskedAt, m.ProposedAt, m.DecidedAt} {
		if at != nil {
			return *at
		}
	}
	return time.Time{}
}

func stateKind(m person.Merge) ui.Kind {
	switch m.State {
	case person.Merged:
		return ui.Jade
	case person.MergeRefused:
		return ui.Red
	}
	return ui.Amber
}

func (p pair) title() string { return p.Sides[0].VolunteerNo + " ← " + p.Sides[1].VolunteerNo }

func (p pair) tags(ctx context.Context) []ui.TagInfo {
	out := []ui.TagInfo{{Kind: stateKind(p.Merge), Text: t(ctx, "state."+string(p.State))}}
	if p.State == person.Merged && p.UndoBy != nil {
		out = append(out, ui.TagInfo{Kind: ui.Amber, Text: t(ctx, "story.undo_asked")})
	}
	return out
}

// buttons are the steps that an administrator may take now.
func (p one) buttons() []string {
	switch {
	case p.State == person.MergeCase:
		return []string{"propose", "swap", "refuse"}
	case p.State == person.MergeProposed:
		return []string{"approve", "refuse"}
	case p.State == person.Merged && p.UndoBy == nil:
		return []string{"ask_undo"}
	case p.State == person.Merged:
		return []string{"undo", "keep"}
	}
	return nil
}

func (p one) reasonLabel() string {
	if p.State == person.MergeCase {
		return "f.evidence_or_reason"
	}
	return "f.reason"
}

// regionFrame is the desk of the administrator's first division.
func (h handlers) regionFrame(ctx context.Context, title string) ui.DeskInfo {
	division := ""
	for _, g := range account.From(ctx).Grants {
		if g.Role == account.RegionAdmin {
			division = g.Region
			break
		}
	}
	d := h.RegionDesk(ctx, division)
	d.Title, d.NoIndex = title, true
	return d
}

func (h handlers) checkFrame(ctx context.Context, c checking) ui.DeskInfo {
	if c.Org == uuid.Nil {
		return h.regionFrame(ctx, t(ctx, "check.title"))
	}
	d := h.Desk(ctx, c.Org)
	d.Title, d.NoIndex = t(ctx, "check.title"), true
	return d
}

// checkLevels are the levels a desk can give.
func checkLevels(ctx context.Context) []ui.Option {
	return []ui.Option{
		{Value: "3", Text: levelText(ctx, person.InPerson), Hint: t(ctx, "check.level.3")},
		{Value: "1", Text: levelText(ctx, person.DocumentChecked), Hint: t(ctx, "check.level.1")},
	}
}
