package activity

import (
	"kapok/internal/kit/i18n"
	"kapok/internal/organisation"
	"kapok/internal/person"
)

// The code lists of an activity (national system 2.0), beside those of people.
var (
	Objects    = person.CodeList{Name: "object", Codes: []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "13", "99"}}
	Guarantees = person.CodeList{Name: "guarantee", Codes: []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "99"}}
)

// Fields are the national service categories and LocalFields the province's.
var (
	Fields      = organisation.Fields
	LocalFields = organisation.LocalFields
)

// FieldName is the name of a field, national or local.
func FieldName(l i18n.Lang, code string) string { return organisation.FieldName(l, code) }

// Class is a class of what is no volunteering, written in the reader's
// language when it stands in a refusal.
type Class string

// In is the name of the class.
func (c Class) In(l i18n.Lang) string { return i18n.Text(l, "activity.class."+string(c)) }
