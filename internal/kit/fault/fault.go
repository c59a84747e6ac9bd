// Package fault is the one error type that leaves an area: a kind, a stable
// code, arguments for its text, and the fields at fault.
//
// Owns: kinds, the register of codes, collecting the errors of a whole form.
// Words: 错误代码 code, 字段 field, 补救 remedy.
// Invariants: a code is defined once and never re-used (Define panics on a
// second definition); arguments never hold personal data, because they reach
// logs and answers; causes stay inside (Error is for logs, texts for people
// come from the catalogue under "fault.<code>" and "fault.<code>.remedy").
// Not here: the mapping to HTTP (kit/web) and the texts (texts.json of an area).
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Kind says what sort of refusal an error is; kit/web maps it to a status once.
type Kind string

// The kinds of refusal.
const (
	Invalid         Kind = "invalid"         // the input breaks a rule
	Unauthenticated Kind = "unauthenticated" // who are you?
	Forbidden       Kind = "forbidden"       // known, but not allowed
	NotFound        Kind = "not_found"       // does not exist, or not for you
	Conflict        Kind = "conflict"        // clashes with what is stored
	Precondition    Kind = "precondition"    // the state does not allow it now
	RateLimited     Kind = "rate_limited"    // too often
	TooLarge        Kind = "too_large"       // the body exceeds its limit
	Unsupported     Kind = "unsupported"     // wrong content type
	Unavailable     Kind = "unavailable"     // try again later
	Internal        Kind = "internal"        // our mistake; nothing of it is shown
)

// Error is a refusal with a stable code. Make one from a Define'd value.
type Error struct {
	Kind   Kind
	Code   string
	Args   map[string]any // for the text; never personal data
	Fields []Field        // the fields at fault, all at once
	cause  error
}

// Field is one field at fault and the rule it breaks.
type Field struct {
	Name string // the form's or JSON body's name, such as "birth_date"
	Err  *Error
}

var register = struct {
	sync.Mutex
	byCode map[string]Kind
}{byCode: map[string]Kind{}}

// Define registers a code of the form "area.what" and returns its error value,
// to be kept in a package variable. It panics when the code exists already.
func Define(kind Kind, code string) *Error {
	register.Lock()
	defer register.Unlock()
	if _, dup := register.byCode[code]; dup {
		panic("fault: code defined twice: " + code)
	}
	if !strings.Contains(code, ".") {
		panic("fault: code without an area: " + code)
	}
	register.byCode[code] = kind
	return &Error{Kind: kind, Code: code}
}

// Codes lists all defined codes in order, for the test that each has its texts.
func Codes() []string {
	register.Lock()
	defer register.Unlock()
	return slices.Sorted(maps.Keys(register.byCode))
}

// With returns a copy carrying arguments for the text, as name, value pairs.
func (e *Error) With(pairs ...any) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = map[string]any{}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return &c
}

// Because returns a copy that keeps a cause for the log; it is never shown.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is the text for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " %s:%s", f.Name, f.Err.Code)
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is compares by code, so errors.Is(err, activity.ErrShiftFull) works whatever
// the arguments.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Errors every area may need.
var (
	ErrInvalid         = Define(Invalid, "kit.invalid")
	ErrInternal        = Define(Internal, "kit.internal")
	ErrNotFound        = Define(NotFound, "kit.not_found")
	ErrRequired        = Define(Invalid, "kit.required")
	ErrTooLong         = Define(Invalid, "kit.too_long")   // argument max
	ErrBadValue        = Define(Invalid, "kit.bad_value")  // not one of the allowed values
	ErrBadNumber       = Define(Invalid, "kit.bad_number") // arguments min, max
	ErrBadDate         = Define(Invalid, "kit.bad_date")
	ErrBadText         = Define(Invalid, "kit.bad_text")          // broken UTF-8 or control characters
	ErrVersionConflict = Define(Conflict, "kit.version_conflict") // changed by another meanwhile
)

// As returns err as *Error; anything else becomes ErrInternal with err as cause.
func As(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return ErrInternal.Because(err)
}

// Check collects the errors of a form so that all are shown at once.
type Check struct{ fields []Field }

// Add notes that a field breaks a rule. A nil err adds nothing.
func (c *Check) Add(name string, err *Error) {
	if err != nil {
		c.fields = append(c.fields, Field{Name: name, Err: err})
	}
}

// Must adds err when ok is false, and returns ok.
func (c *Check) Must(ok bool, name string, err *Error) bool {
	if !ok {
		c.Add(name, err)
	}
	return ok
}

// Merge adds the fields of another refusal; an error that is no field refusal
// is returned unchanged.
func (c *Check) Merge(err error) error {
	if err == nil {
		return nil
	}
	e := As(err)
	if len(e.Fields) == 0 {
		return err
	}
	c.fields = append(c.fields, e.Fields...)
	return nil
}

// Err is nil when nothing was added, else ErrInvalid with all fields.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	e := *ErrInvalid
	e.Fields = slices.Clone(c.fields)
	return &e
}

// At puts a refusal that is no matter of fields beside a field, so that the
// form is shown again; what is our own fault stays as it is.
func At(field string, err error) error {
	e := As(err)
	if e.Kind == Internal || len(e.Fields) > 0 {
		return err
	}
	out := *ErrInvalid
	out.Fields = []Field{{Name: field, Err: e}}
	return &out
}
