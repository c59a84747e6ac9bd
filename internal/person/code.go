package person

import (
	"slices"

	"kapok/internal/kit/i18n"
)

// CodeList is a list of codes with texts in all languages, under the keys
// code.<name>.<code>.
type CodeList struct {
	Name  string
	Codes []string
}

// Text is the text of a code.
func (l CodeList) Text(lang i18n.Lang, code string) string {
	return i18n.Text(lang, "code."+l.Name+"."+code)
}

// Has reports whether the list has a code.
func (l CodeList) Has(code string) bool { return slices.Contains(l.Codes, code) }

// MaxServiceFields is how many fields of service a person chooses at most
// (national system, albp0021).
const MaxServiceFields = 4

// The code lists of a person's basic facts (67号令 art. 5). Service fields 服务类别
// and skills 个人特长 carry the national system's codes (albp0021, albp0039).
var (
	ServiceFields = CodeList{"service_field", []string{"0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010",
		"0011", "0012", "0013", "0014", "0015", "0016", "0017", "0018", "0019", "0020", "0099"}}
	Skills = CodeList{"skill", []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16",
		"17", "18", "19", "20", "21", "22", "23", "99"}}
	Languages = CodeList{"language", []string{"mandarin", "cantonese", "hakka", "teochew", "english", "portuguese", "japanese", "korean",
		"french", "russian", "spanish", "arabic", "sign"}}
	Qualifications = CodeList{"qualification", []string{"doctor", "nurse", "first_aid", "lifeguard", "rescue", "driver", "teacher", "lawyer",
		"counsellor", "social_worker", "sign_interpreter", "electrician"}}
	Genders   = CodeList{"gender", []string{Male, Female}}
	Relations = CodeList{"relation", []string{"mother", "father", "grandparent", "other"}}
)

// CodeLists are all lists of this area.
func CodeLists() []CodeList {
	return []CodeList{ServiceFields, Skills, Languages, Qualifications, Genders, Relations, DocumentKinds, Levels}
}
