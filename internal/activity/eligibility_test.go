package activity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/person"
)

func born(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func codesOf(why []*fault.Error) []string {
	var codes []string
	for _, e := range why {
		codes = append(codes, e.Code)
	}
	return codes
}

func TestWhoIsUnsuited(t *testing.T) {
	t.Parallel()
	self, guardian := uuid.New(), uuid.New()
	now := signupDay // 10 October; the shift is on the 18th
	at := time.Date(2026, 10, 18, 1, 0, 0, 0, time.UTC)
	adult := person.Facts{ID: self, BirthDate: born(1990, 1, 1)}
	aged := func(birth time.Time) person.Facts {
		return person.Facts{ID: self, BirthDate: birth, GuardianConsent: true}
	}
	plain := ShiftView{Shift: Shift{StartsAt: at}}
	with := func(change func(*ShiftView)) ShiftView { v := plain; change(&v); return v }
	for name, c := range map[string]struct {
		v    ShiftView
		f    person.Facts
		by   uuid.UUID
		want []string
	}{
		"adult":                   {plain, adult, self, nil},
		"suspended":               {plain, person.Facts{ID: self, BirthDate: born(1990, 1, 1), Suspended: true}, self, []string{"activity.person_suspended"}},
		"13 alone":                {plain, aged(born(2012, 10, 11)), self, []string{"activity.guardian_must_sign"}},
		"13 by guardian":          {plain, aged(born(2012, 10, 11)), guardian, nil},
		"14 today":                {plain, aged(born(2012, 10, 10)), self, nil},
		"17 without consent":      {plain, person.Facts{ID: self, BirthDate: born(2008, 10, 11)}, self, []string{"activity.guardian_consent_needed"}},
		"18 today":                {plain, person.Facts{ID: self, BirthDate: born(2008, 10, 10)}, self, nil},
		"17 into danger":          {with(func(v *ShiftView) { v.Activity.Dangerous = true }), aged(born(2008, 10, 19)), self, []string{"activity.adults_only"}},
		"18 on the day of danger": {with(func(v *ShiftView) { v.Activity.Dangerous = true }), aged(born(2008, 10, 18)), self, nil},
		"too young":               {with(func(v *ShiftView) { v.MinAge = 37 }), adult, self, []string{"activity.too_young"}},
		"old enough":              {with(func(v *ShiftView) { v.MinAge = 36 }), adult, self, nil},
		"too old":                 {with(func(v *ShiftView) { v.MaxAge = 35 }), adult, self, []string{"activity.too_old"}},
		"just young enough":       {with(func(v *ShiftView) { v.MaxAge = 36 }), adult, self, nil},
		"lacking": {with(func(v *ShiftView) {
			v.Skills, v.Languages, v.Qualifications = []string{"01", "03"}, []string{"cantonese"}, []string{"nurse"}
		}), person.Facts{ID: self, BirthDate: born(1990, 1, 1), Skills: []string{"03"}}, self,
			[]string{"activity.wrong_skill", "activity.missing_language", "activity.missing_qualification"}},
		"having": {with(func(v *ShiftView) { v.Skills, v.Languages = []string{"03"}, []string{"cantonese"} }),
			person.Facts{ID: self, BirthDate: born(1990, 1, 1), Skills: []string{"01", "03"}, Languages: []string{"cantonese"}}, self, nil},
	} {
		if got := codesOf(Unsuited(c.v, c.f, c.by, now)); !cmp.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestMissingSkillsAreNamedInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	e := ErrWrongSkill.With("missing", Codes{person.Skills, []string{"01", "03"}})
	p := web.NewProblem(i18n.ZhHans, e, "")
	if want := "这个岗位需要的特长，您的资料里没有：" + person.Skills.Text(i18n.ZhHans, "01") + "、" + person.Skills.Text(i18n.ZhHans, "03"); p.Title != want {
		t.Errorf("got %s, want %s", p.Title, want)
	}
	if data, err := e.Args["missing"].(Codes).MarshalJSON(); err != nil || string(data) != `["01","03"]` {
		t.Errorf("got %s, %v", data, err)
	}
}

func TestMomentsAreLocal(t *testing.T) {
	t.Parallel()
	e := ErrSignupClosed.With("at", Moment{time.Date(2026, 10, 17, 10, 0, 0, 0, time.UTC)})
	for l, want := range map[i18n.Lang]string{i18n.ZhHans: "报名已于 2026年10月17日 18:00 截止", i18n.En: "Sign-up closed on 17 Oct 2026, 18:00"} {
		if got := web.Title(l, e); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAllReasonsComeTogether(t *testing.T) {
	t.Parallel()
	err := refusal([]*fault.Error{ErrTooYoung.With("min", 18), ErrShiftFull.With("capacity", 2)})
	e := fault.As(err)
	if e.Code != ErrTooYoung.Code || len(e.Fields) != 2 || e.Fields[1].Err.Code != ErrShiftFull.Code {
		t.Errorf("got %v", err)
	}
	if refusal(nil) != nil || fault.As(refusal([]*fault.Error{ErrTooOld})).Fields != nil {
		t.Error("a single reason needs no list")
	}
}

func TestOpennessOfUnpublishedAndCancelled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		act   State
		shift ShiftState
		want  string
	}{
		{Draft, ShiftOpen, "activity.not_published"}, {Submitted, ShiftOpen, "activity.not_published"}, {Closed, ShiftOpen, "activity.not_published"},
		{Cancelled, ShiftOpen, "activity.shift_cancelled"}, {Published, ShiftCancelled, "activity.shift_cancelled"},
	} {
		v := ShiftView{Shift{State: c.shift, SignupUntil: signupDay.Add(time.Hour)}, Activity{State: c.act}}
		if got := codesOf(openness(v, signupDay)); !cmp.Equal(got, []string{c.want}) {
			t.Errorf("%s, %s: got %v", c.act, c.shift, got)
		}
	}
}

func TestEverySignupRefusalSaysWhatWouldHelp(t *testing.T) {
	t.Parallel()
	for _, e := range []*fault.Error{ErrNotPublished, ErrShiftCancelled, ErrSignupNotOpen, ErrSignupClosed, ErrShiftFull, ErrWaitingFull, ErrOverlap,
		ErrAlreadySignedUp, ErrSignupRefused, ErrPersonUnknown, ErrPersonSuspended, ErrGuardianMustSign, ErrGuardianConsent, ErrAdultsOnly,
		ErrTooYoung, ErrTooOld, ErrWrongSkill, ErrMissingLanguage, ErrMissingQualification, ErrSignupBusy, ErrCapacityBelowTaken, ErrMoveOverlaps} {
		if !i18n.Has("fault."+e.Code) || !i18n.Has("fault."+e.Code+".remedy") {
			t.Errorf("%s has no text or no remedy", e.Code)
		}
	}
}
