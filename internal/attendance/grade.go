package attendance

// Grade is how strong the evidence is, A to E; a larger letter is weaker. The
// rule stands in doc.go and is the same for everybody.
type Grade string

// The grades.
const (
	GradeA Grade = "A"
	GradeB Grade = "B"
	GradeC Grade = "C"
	GradeD Grade = "D"
	GradeE Grade = "E"
)

// Grades lists all grades, strongest first.
var Grades = []Grade{GradeA, GradeB, GradeC, GradeD, GradeE}

// GradeOf is the grade of one side.
func GradeOf(m Method, p Place) Grade {
	switch m {
	case QR, Digits:
		switch p {
		case Near:
			return GradeA
		case Far:
			return GradeC
		}
		return GradeB
	case Card:
		return GradeB
	case Settled:
		return GradeC
	case Manual:
		return GradeD
	}
	return GradeE
}

// Grade is the weaker of the two sides. An attendance without a check-out is
// graded as one settled afterwards.
func (a Attendance) Grade() Grade {
	in, out := GradeOf(a.InMethod, a.InPlace), GradeC
	if a.OutMethod != nil && a.OutPlace != nil {
		out = GradeOf(*a.OutMethod, *a.OutPlace)
	}
	return max(in, out)
}
