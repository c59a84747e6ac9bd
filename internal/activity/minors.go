package activity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
)

// fieldEmergency is 应急救援 of the national service categories.
const fieldEmergency = "0013"

// AdultsOnly reports whether minors are kept out: of danger, and of emergency
// relief (浙江条例 art. 9, 山东条例 art. 10).
func (a Activity) AdultsOnly() bool { return a.Dangerous || a.Field == fieldEmergency }

// oldEnough reports whether a youngest age keeps minors out where they must be.
func (a Activity) oldEnough(minAge int) bool { return !a.AdultsOnly() || minAge >= AgeAdult }

// adultsRule is the rule that an age below AgeAdult breaks.
func (a Activity) adultsRule() *fault.Error {
	if a.Field == fieldEmergency {
		return ErrAdultEmergency.With("age", AgeAdult)
	}
	return ErrAdultDanger.With("age", AgeAdult)
}

// minorRules lists what keeps a minor from serving, whoever signs and whatever
// an organiser clicks. Danger counts on the day of the shift, consent today.
func minorRules(v ShiftView, f person.Facts, now time.Time) []*fault.Error {
	var why []*fault.Error
	if v.Activity.AdultsOnly() && person.AgeOn(f.BirthDate, v.StartsAt.In(clock.Shanghai)) < AgeAdult {
		why = append(why, ErrAdultsOnly.With("age", AgeAdult))
	}
	if person.AgeOn(f.BirthDate, now.In(clock.Shanghai)) < AgeAdult && !f.Consented(v.Activity.Org) {
		why = append(why, ErrGuardianConsent.With("age", AgeAdult, "org", v.Activity.Org))
	}
	return why
}

// KeepMinorsOut refuses whoever is under 18 on the day of a dangerous activity
// or of emergency relief, whatever an organiser clicks and with whatever sign-up
// they come: a birth date may have been put right since. Error: ErrAdultsOnly.
func (s *Service) KeepMinorsOut(ctx context.Context, db pg.DB, v ShiftView, who uuid.UUID) error {
	if !v.Activity.AdultsOnly() {
		return nil
	}
	facts, err := s.people.Facts(ctx, db, []uuid.UUID{who})
	if err != nil {
		return err
	}
	f, known := facts[who]
	if !known || person.AgeOn(f.BirthDate, v.StartsAt.In(clock.Shanghai)) < AgeAdult {
		return ErrAdultsOnly.With("age", AgeAdult)
	}
	return nil
}

// MayWalkIn refuses a minor who comes without a sign-up and whose guardian has
// not agreed to service with the organisation, and a child without the adult it
// must come with. Errors: ErrGuardianConsent, ErrAdultComesToo.
func (s *Service) MayWalkIn(ctx context.Context, db pg.DB, v ShiftView, who uuid.UUID) error {
	facts, err := s.people.Facts(ctx, db, []uuid.UUID{who})
	if err != nil {
		return err
	}
	f, known := facts[who]
	if !known {
		return ErrPersonUnknown
	}
	why := minorRules(v, f, s.clk.Now())
	one := SignUpRequest{Shift: v.ID, Person: who}
	family, err := s.companyTx(ctx, db, map[uuid.UUID]*ShiftView{v.ID: &v}, facts, []SignUpRequest{one})
	if err == nil && needsAdult(v, f) && !family[one.pair()].enough(SignupConfirmed, nil) {
		why = append(why, ErrAdultComesToo.With("age", person.ChildUnder))
	}
	if err != nil {
		return err
	}
	return refusal(why)
}
