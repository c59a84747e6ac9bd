package web

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
	"golang.org/x/text/unicode/norm"

	"kapok/internal/kit/fault"
)

// Form is what a browser sent, cleaned (NFC, trimmed), and the errors found
// while reading it: readers note errors instead of returning them, so that a
// person sees all of them at once and keeps what was typed.
type Form struct {
	Values url.Values
	Check  fault.Check
	errs   map[string]*fault.Error
}

// NewForm wraps values, for a page shown the first time.
func NewForm(v url.Values) *Form {
	if v == nil {
		v = url.Values{}
	}
	return &Form{Values: v}
}

// ReadForm reads the posted form (or a multipart one without files).
func ReadForm(r *http.Request) (*Form, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "application/x-www-form-urlencoded":
		err = r.ParseForm()
	case "multipart/form-data":
		err = r.ParseMultipartForm(MaxBody)
	default:
		return nil, ErrContentType
	}
	if err != nil {
		if strings.Contains(err.Error(), "too large") {
			return nil, ErrTooLarge.With("kb", MaxBody>>10)
		}
		return nil, ErrUnreadable.Because(err)
	}
	return NewForm(clean(r.PostForm)), nil
}

// ReadQuery reads the query of a GET as a form.
func ReadQuery(r *http.Request) *Form { return NewForm(clean(r.URL.Query())) }

func clean(in url.Values) url.Values {
	out := make(url.Values, len(in))
	for k, vs := range in {
		for _, v := range vs {
			if !utf8.ValidString(v) {
				v = strings.ToValidUTF8(v, "\uFFFD")
			}
			out[k] = append(out[k], strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(v, "\r\n", "\n"))))
		}
	}
	return out
}

// Get is the cleaned value, without any check.
func (f *Form) Get(name string) string { return f.Values.Get(name) }

// All lists the values of a group of checkboxes.
func (f *Form) All(name string) []string { return f.Values[name] }

// Has reports whether a checkbox is ticked or a button was pressed.
func (f *Form) Has(name string) bool { return f.Values.Get(name) != "" }

// Text reads a text of at most max characters without control characters.
func (f *Form) Text(name string, required bool, max int) string {
	v := f.Get(name)
	switch {
	case v == "" && required:
		f.Check.Add(name, fault.ErrRequired)
	case utf8.RuneCountInString(v) > max:
		f.Check.Add(name, fault.ErrTooLong.With("max", max))
	case strings.ContainsFunc(v, badRune):
		f.Check.Add(name, fault.ErrBadText)
	}
	return v
}

func badRune(r rune) bool {
	return r == utf8.RuneError || (unicode.IsControl(r) && r != '\n' && r != '\t')
}

// Choice reads one of the allowed values.
func (f *Form) Choice(name string, required bool, allowed ...string) string {
	v := f.Get(name)
	switch {
	case v == "" && required:
		f.Check.Add(name, fault.ErrRequired)
	case v != "" && !slices.Contains(allowed, v):
		f.Check.Add(name, fault.ErrBadValue)
	}
	return v
}

// Choices reads several of the allowed values.
func (f *Form) Choices(name string, allowed ...string) []string {
	for _, v := range f.All(name) {
		if !slices.Contains(allowed, v) {
			f.Check.Add(name, fault.ErrBadValue)
			break
		}
	}
	return f.All(name)
}

// Int reads a whole number within [min, max]; full-width digits count.
func (f *Form) Int(name string, required bool, min, max int) int {
	v := norm.NFKC.String(f.Get(name))
	if v == "" {
		if required {
			f.Check.Add(name, fault.ErrRequired)
		}
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < min || n > max {
		f.Check.Add(name, fault.ErrBadNumber.With("min", min, "max", max))
	}
	return n
}

// Float reads a decimal number within [min, max].
func (f *Form) Float(name string, required bool, min, max float64) (v float64, given bool) {
	s := norm.NFKC.String(f.Get(name))
	if s == "" {
		if required {
			f.Check.Add(name, fault.ErrRequired)
		}
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= min && v <= max) { // the negation also refuses NaN
		f.Check.Add(name, fault.ErrBadNumber.With("min", min, "max", max))
	}
	return v, true
}

// Date reads a day as <input type="date"> sends it (2006-01-02).
func (f *Form) Date(name string, required bool) time.Time {
	return f.time(name, required, time.UTC, "2006-01-02")
}

// DateTime reads a local time as <input type="datetime-local"> sends it.
func (f *Form) DateTime(name string, required bool, zone *time.Location) time.Time {
	return f.time(name, required, zone, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04")
}

func (f *Form) time(name string, required bool, zone *time.Location, layouts ...string) time.Time {
	v := norm.NFKC.String(f.Get(name))
	if v == "" {
		if required {
			f.Check.Add(name, fault.ErrRequired)
		}
		return time.Time{}
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, v, zone); err == nil && t.Year() > 1800 && t.Year() < 2200 {
			return t
		}
	}
	f.Check.Add(name, fault.ErrBadDate)
	return time.Time{}
}

// Err is nil when all fields read so far are good. Call it before acting.
func (f *Form) Err() error { return f.Check.Err() }

// Show prepares the form to be shown again with the errors of err at their
// fields. It returns err itself when it is no matter of fields (then the
// handler returns it).
func (f *Form) Show(err error) error {
	e := fault.As(err)
	if len(e.Fields) == 0 {
		return err
	}
	f.errs = map[string]*fault.Error{}
	for _, x := range e.Fields {
		if f.errs[x.Name] == nil {
			f.errs[x.Name] = x.Err
		}
	}
	return nil
}

// Error is the error to show at a field after Show, or nil.
func (f *Form) Error(name string) *fault.Error { return f.errs[name] }

// Errors are all field errors after Show, by name.
func (f *Form) Errors() map[string]*fault.Error { return f.errs }

// LocalPath returns p when it is a path on this site, else "/": redirects
// never leave the site.
func LocalPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}

func escapePath(u *url.URL) string { return url.QueryEscape(u.RequestURI()) }

// Again shows a form once more with the errors of err, or returns err when it
// is no matter of fields.
func Again(w http.ResponseWriter, r *http.Request, f *Form, err error, c func() templ.Component) error {
	if err := f.Show(err); err != nil {
		return err
	}
	return Page(w, r, http.StatusUnprocessableEntity, c())
}
