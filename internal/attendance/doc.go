// Package attendance knows who was at a shift, from when to when, and how well
// that is proved.
//
// Owns: the rotating codes of shifts and the personal codes of volunteers, the
// judgement of a place, check-in and check-out, entries by the organiser, the
// case of a forgotten check-out, the grade of evidence.
//
// Words: 签到 check-in, 签退 check-out, 动态码 rotating code, 个人码 card,
// 证据等级 grade, 忘记签退 missing check-out, 待确认 unconfirmed, 现场补记 entry by
// the organiser.
//
// Invariants: the server's clock and the server's distance decide. A code works
// in its own 30 seconds and the next, for its own shift or person only, and
// again for the same person without effect: it can be photographed, but not
// kept or sold. A position is judged and dropped; near, far or unknown is all
// that is stored, and none is ever logged. A far or unknown place never refuses
// a check-in, it lowers the grade. One person has one attendance a shift, and
// one open attendance at a time. How somebody came in is never changed; a
// complete attendance is final, corrections are made on the record. A forgotten
// check-out is a case for people to settle, never hours lost in silence.
//
// Grades (evidence of one side; an attendance has the weaker of its two):
//
//	A  rotating code at the place: what the organiser shows meets what the
//	   volunteer's phone says; the organiser's confirmation makes it final
//	B  rotating code without a place, or the organiser scanned the volunteer's card
//	C  rotating code far from the place; the time of leaving settled afterwards
//	D  written by the organiser while the shift or its check-out was open
//	E  written by the organiser afterwards
//
// States:
//
//	          ┌─────────────────────▶ complete (final)
//	open ─────┼──▶ unconfirmed ──────▶ complete
//	          └──────────┴───────────▶ dismissed ──▶ complete (settled after all)
//
// Tables: attendance.attendance, attendance.missing_out, attendance.wrong_code.
//
// Not here: hours and their confirmation (record); who may scan (account).
package attendance
