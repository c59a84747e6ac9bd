package main

import "kapok/internal/kit/conf"

// checkSecondFactor warns where staff work with one factor (GB/T 22239-2019 8.1.4.1 d).
func checkSecondFactor(c conf.Config) finding {
	if !c.StaffSecondFactor {
		return finding{"staff work without a second factor", "set staff_second_factor to true before people's data come in"}
	}
	return well("roles of staff count only with a second factor")
}
