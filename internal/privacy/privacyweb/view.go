package privacyweb

import (
	"context"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/held"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/privacy"
	"kapok/internal/ui"
)

// query names the ward that a page is about, with more parameters.
func query(ward bool, who uuid.UUID, more ...string) string {
	q := url.Values{}
	if ward {
		q.Set("for", who.String())
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (v data) query(more ...string) string { return query(v.Ward, v.Person.ID, more...) }

// forWard is the hidden field that keeps a form with its ward.
func (v data) forWard() string {
	if v.Ward {
		return v.Person.ID.String()
	}
	return ""
}

func (v data) title(ctx context.Context) string {
	if v.Ward {
		return t(ctx, "title.ward", "name", person.NameIn(i18n.From(ctx), v.Person))
	}
	return t(ctx, "title")
}

// deletion is the deletion under way, if any.
func (v data) deletion() *privacy.Request {
	for i, r := range v.Requests {
		if r.Kind == privacy.Erasure && r.State == privacy.Open {
			return &v.Requests[i]
		}
	}
	return nil
}

// lists are the code lists of facts.
var lists = map[string]person.CodeList{
	"gender": person.Genders, "skills": person.Skills, "languages": person.Languages, "service_fields": person.ServiceFields, "field": person.ServiceFields,
	"document": person.DocumentKinds, "qualification": person.Qualifications, "relation": person.Relations,
}

// label is the name of a fact.
func label(l i18n.Lang, f held.Fact) string { return i18n.Text(l, "privacy.fact."+f.Name) }

// value is a fact in words.
func (d Deps) value(l i18n.Lang, f held.Fact) string {
	text := f.Text(clock.Shanghai)
	if list, ok := lists[f.Name]; ok {
		var out []string
		for code := range strings.SplitSeq(text, "、") {
			if list.Has(code) {
				code = list.Text(l, code)
			}
			out = append(out, code)
		}
		return strings.Join(out, "、")
	}
	switch f.Name {
	case "division":
		return d.Regions.FullName(l, text)
	case "role":
		if i18n.Has("organisation.role." + text) {
			return i18n.Text(l, "organisation.role."+text)
		}
	}
	return text
}

// dataText is what was looked at, in words.
func dataText(ctx context.Context, x look) string {
	out := make([]string, len(x.Data))
	for i, k := range x.Data {
		out[i] = i18n.T(ctx, "privacy.data."+string(k))
	}
	sep := "、"
	if i18n.From(ctx) == i18n.En {
		sep = ", "
	}
	return strings.Join(out, sep)
}

func stateKind(s privacy.State) ui.Kind {
	switch s {
	case privacy.Open:
		return ui.Amber
	case privacy.Granted, privacy.Done:
		return ui.Jade
	case privacy.Refused:
		return ui.Red
	}
	return ui.Plain
}

func requestTitle(ctx context.Context, r privacy.Request) string {
	if r.Kind == privacy.Erasure {
		return t(ctx, "deletion")
	}
	return t(ctx, "correction.of", "item", i18n.T(ctx, "privacy.item."+r.Item))
}

// ticked are the switches that are on, for a group of checkboxes.
func ticked(on bool) []string {
	if on {
		return []string{"1"}
	}
	return nil
}

func accessTag(state string) ui.Kind {
	switch state {
	case "approved":
		return ui.Jade
	case "refused":
		return ui.Red
	}
	return ui.Amber
}
