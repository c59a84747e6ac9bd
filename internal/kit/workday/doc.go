// Package workday reckons in mainland working days, make-up working days (调休)
// included.
//
// Owns: the calendar of public holidays and make-up working days, adding and
// counting working days.
// Words: 工作日 working day, 法定节假日 holiday, 调休 make-up working day.
// Invariants: a day named in the calendar is what the calendar says; any other
// is a working day from Monday to Friday. A year is known when the calendar
// holds its National Day: one early entry (元旦 is often announced with the year
// before) does not make a year known. A reckoning that leaves the known years
// still gives a day, Monday to Friday, together with an UnknownYearError, so
// that callers can show it as an estimate.
// Tables: none.
// Not here: holidays of Hong Kong and Macao; what is due when (record).
package workday
