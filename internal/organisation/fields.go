package organisation

import (
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
)

// Fields are the national service categories 服务类别, the same for people,
// organisations and activities.
var Fields = person.ServiceFields

// LocalFields are the fields of the province's eight standing teams ("8+N"
// 新时代文明实践), numbered in the 44xx room for regional codes.
var LocalFields = person.CodeList{Name: "local_field", Codes: []string{"4401", "4402", "4403", "4404", "4405", "4406", "4407", "4408"}}

// FieldName is the name of a field, national or local.
func FieldName(l i18n.Lang, code string) string {
	if LocalFields.Has(code) {
		return LocalFields.Text(l, code)
	}
	return Fields.Text(l, code)
}
