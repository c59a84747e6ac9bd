package person

import "time"

// Ages at which the law changes its mind.
const (
	ChildUnder = 14 // below it PIPL art. 31 asks for a guardian and rules of its own
	AdultFrom  = 18
)

// AgeOn is the age in whole years on a day. Both count as calendar days:
// somebody born on 29 February turns a year older on 1 March in other years.
func AgeOn(birth, day time.Time) int {
	age := day.Year() - birth.Year()
	if day.Month() < birth.Month() || day.Month() == birth.Month() && day.Day() < birth.Day() {
		age--
	}
	return age
}

// lastBirth is the last birth date of those who are of an age on a day; it
// agrees with AgeOn on 29 February too.
func lastBirth(age int, day time.Time) time.Time {
	d := day.AddDate(-age, 0, 0)
	if d.Month() != day.Month() {
		return d.AddDate(0, 0, -1)
	}
	return d
}

// adultsBorn is the last birth date of those of age today.
func (s *Service) adultsBorn() time.Time { return lastBirth(AdultFrom, s.Today()) }
