package activity

import (
	"slices"

	"kapok/internal/kit/fault"
)

// CheckReview asks a reviewer to have looked at each class of what is no
// volunteering before publishing (67号令 art. 19): all of Classes must be named.
func CheckReview(looked []string) error {
	var c fault.Check
	for _, class := range Classes {
		if !slices.Contains(looked, class) {
			c.Add("looked", ErrNotLooked)
			break
		}
	}
	return c.Err()
}
