package ui

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
)

// FormInfo describes a form. Values holds what was typed and, after
// web.Form.Show, the errors; the fields inside find both by themselves.
type FormInfo struct {
	Action string    // path the form is sent to
	Get    bool      // a filter or search: GET, no double-submit guard
	Values *web.Form // nil for an empty form
	Files  bool      // multipart, for File fields
	Live   string    // GET only: id of the results to renew as choices change
	ID     string
	Label  string // names the form for screen readers, where a page has several
}

// Field is what the inputs share. The value shown is the one in the form's
// Values; Value and Checked are what stands there before anything was typed.
type Field struct {
	Name     string
	Label    string
	Hint     string // stays visible, read with the field
	Required bool   // fields that are not are marked as optional
	Type     string // of Input: text (default), tel, email, date, datetime-local, number, password, search
	Value    string
	Checked  []string // of Checks and Check: the values ticked at first
	Options  []Option // of Select, Radios, Checks
	Max      int      // longest text, in characters; 0 leaves it open
	Rows     int      // of TextArea
	Short    bool     // a short field: a number, a code
	Attrs    templ.Attributes
}

// Option is one choice of a Select, Radios or Checks.
type Option struct{ Value, Text, Hint string }

// formState is what fields of one form share while it is rendered.
type formState struct {
	form  *web.Form
	get   bool
	wrong []wrongField // in the order of the page
	shown map[string]bool
}

type wrongField struct{ id, label, text string }

type formKey struct{}

// Form renders a form with its fields as children; errors are listed on top,
// in the order of the fields, each leading to its field.
func Form(info FormInfo) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		children := templ.GetChildren(ctx)
		ctx = templ.ClearChildren(ctx)
		state := &formState{form: info.Values, get: info.Get, shown: map[string]bool{}}
		if state.form == nil {
			state.form = web.NewForm(nil)
		}
		var fields bytes.Buffer // first the fields, since the summary above them needs their labels
		if err := children.Render(context.WithValue(ctx, formKey{}, state), &fields); err != nil {
			return err
		}
		state.addRest(i18n.From(ctx))
		return formShell(info, state.wrong, fields.String()).Render(ctx, w)
	})
}

// addRest lists errors whose field is not on the page, so that none is silent.
func (s *formState) addRest(l i18n.Lang) {
	for _, name := range slices.Sorted(maps.Keys(s.form.Errors())) {
		if !s.shown[name] {
			s.wrong = append(s.wrong, wrongField{text: faultText(l, s.form.Error(name))})
		}
	}
}

// bound is a field tied to the form around it.
type bound struct {
	id, wrong string
	value     string
	values    []string
	get       bool
}

// bind finds the value and error of a field in the form around it, or in none.
func bind(ctx context.Context, f Field) bound {
	b := bound{id: fieldID(f.Name), value: f.Value, values: f.Checked}
	state, ok := ctx.Value(formKey{}).(*formState)
	if !ok {
		return b
	}
	b.get = state.get
	if len(state.form.Values) > 0 { // something was sent: an absent box was unticked
		b.values = state.form.All(f.Name)
		if len(b.values) > 0 || !state.get {
			b.value = state.form.Get(f.Name)
		}
	}
	state.shown[f.Name] = true
	if err := state.form.Error(f.Name); err != nil {
		b.wrong = faultText(i18n.From(ctx), err)
		state.wrong = append(state.wrong, wrongField{id: b.id, label: f.Label, text: b.wrong})
	}
	return b
}

func fieldID(name string) string {
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name)
}

func faultText(l i18n.Lang, e *fault.Error) string {
	text, remedy := web.Title(l, e), web.Remedy(l, e)
	if remedy == "" {
		return text
	}
	if l == i18n.En {
		return text + ". " + remedy
	}
	return text + "。" + remedy
}

func (b bound) has(value string) bool { return slices.Contains(b.values, value) }

// described are the aria attributes that tie hint and error to the input.
func (b bound) described(f Field) templ.Attributes {
	a := templ.Attributes{}
	var ids []string
	if f.Hint != "" {
		ids = append(ids, b.id+"-hint")
	}
	if b.wrong != "" {
		ids = append(ids, b.id+"-wrong")
		a["aria-invalid"] = "true"
	}
	if len(ids) > 0 {
		a["aria-describedby"] = strings.Join(ids, " ")
	}
	return a
}

// inputAttrs are the attributes that follow from a field's type. Required is
// told to screen readers only: the server shows all errors at once, in the
// reader's language, which the browser's own check would prevent.
func (b bound) inputAttrs(f Field) templ.Attributes {
	a := b.described(f)
	if f.Required {
		a["aria-required"] = "true"
	}
	if f.Max > 0 {
		a["maxlength"] = strconv.Itoa(f.Max)
	}
	switch f.Type {
	case "tel":
		a["autocomplete"], a["inputmode"] = "tel", "tel"
	case "email":
		a["autocomplete"], a["inputmode"] = "email", "email"
	case "number":
		a["inputmode"] = "decimal"
	}
	maps.Copy(a, f.Attrs)
	return a
}

// inputType is the type attribute; numbers stay text so that a wheel or a
// full-width digit does no harm (web.Form reads both).
func (f Field) inputType() string {
	switch f.Type {
	case "", "number":
		return "text"
	}
	return f.Type
}

// typed is the value to show again; a password is never sent back.
func (b bound) typed(f Field) string {
	if f.Type == "password" {
		return ""
	}
	return b.value
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "4"
	}
	return strconv.Itoa(f.Rows)
}

func (f FormInfo) attrs() templ.Attributes {
	a := templ.Attributes{}
	for name, value := range map[string]string{"id": f.ID, "aria-label": f.Label, "data-live": f.Live} {
		if value != "" {
			a[name] = value
		}
	}
	if f.Files {
		a["enctype"] = "multipart/form-data"
	}
	return a
}

func (f FormInfo) method() string {
	if f.Get {
		return "get"
	}
	return "post"
}
