package activity

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/person"
)

// The 条例 names no ages; these follow 中国注册志愿者管理办法 (from 14; under 18
// with a guardian's consent) and the provinces' rules that keep minors out of
// dangerous activities (浙江条例 art. 9, 山东条例 art. 10).
const (
	AgeSignsAlone = person.ChildUnder // below, only a guardian signs up
	AgeAdult      = person.AdultFrom  // below, a guardian's consent is needed, and never danger
)

// openness lists what about the shift itself stands against a sign-up now.
func openness(v ShiftView, now time.Time) []*fault.Error {
	switch {
	case v.State == ShiftCancelled || v.Activity.State == Cancelled:
		return []*fault.Error{ErrShiftCancelled}
	case v.Activity.State != Published:
		return []*fault.Error{ErrNotPublished}
	case now.Before(v.SignupFrom):
		return []*fault.Error{ErrSignupNotOpen.With("at", Moment{v.SignupFrom})}
	case !now.Before(v.SignupUntil):
		return []*fault.Error{ErrSignupClosed.With("at", Moment{v.SignupUntil})}
	}
	return nil
}

// Unsuited lists every rule about the person that stands against serving in
// the shift, with by signing for them: none means suited. Ages for serving
// count on the day of the shift, ages for signing today.
func Unsuited(v ShiftView, f person.Facts, by uuid.UUID, now time.Time) []*fault.Error {
	today := person.AgeOn(f.BirthDate, now.In(clock.Shanghai))
	then := person.AgeOn(f.BirthDate, v.StartsAt.In(clock.Shanghai))
	var why []*fault.Error
	refuse := func(applies bool, e *fault.Error, pairs ...any) {
		if applies {
			why = append(why, e.With(pairs...))
		}
	}
	refuse(f.Suspended, ErrPersonSuspended)
	refuse(today < AgeSignsAlone && by == f.ID, ErrGuardianMustSign, "age", AgeSignsAlone)
	why = append(why, minorRules(v, f, now)...)
	refuse(then < v.MinAge, ErrTooYoung, "min", v.MinAge)
	refuse(v.MaxAge > 0 && then > v.MaxAge, ErrTooOld, "max", v.MaxAge)
	for _, need := range []struct {
		want, have []string
		err        *fault.Error
		of         person.CodeList
	}{
		{v.Skills, f.Skills, ErrWrongSkill, person.Skills},
		{v.Languages, f.Languages, ErrMissingLanguage, person.Languages},
		{v.Qualifications, f.Qualifications, ErrMissingQualification, person.Qualifications},
	} {
		missing := lacking(need.want, need.have)
		refuse(len(missing) > 0, need.err, "missing", Codes{need.of, missing})
	}
	return why
}

func lacking(want, have []string) []string {
	var missing []string
	for _, w := range want {
		if !slices.Contains(have, w) {
			missing = append(missing, w)
		}
	}
	return missing
}

// room is what the next sign-up would become, or why there is no room for it.
func room(s Shift) (SignupState, *fault.Error) {
	switch {
	case s.Taken < s.Capacity:
		return placed(s), nil
	case s.Waiting < s.WaitingMax:
		return SignupWaiting, nil
	case s.WaitingMax == 0:
		return "", ErrShiftFull.With("capacity", s.Capacity)
	}
	return "", ErrWaitingFull.With("capacity", s.Capacity, "waiting", s.WaitingMax)
}

// placed is the state of a sign-up that gets a place of s.
func placed(s Shift) SignupState {
	if s.Approval {
		return SignupPending
	}
	return SignupConfirmed
}

// refusal makes one error of all reasons: the first speaks, and when there are
// several, all of them stand in its fields. nil when there is none.
func refusal(why []*fault.Error) error {
	switch len(why) {
	case 0:
		return nil
	case 1:
		return why[0]
	}
	e := *why[0]
	for _, w := range why {
		e.Fields = append(e.Fields, fault.Field{Name: "signup", Err: w})
	}
	return &e
}
