// Package batch lets callers that arrive at the same time share one piece of
// work, as a ferry takes everybody who stands on the quay: while one crossing
// is under way the next load gathers. Nobody is made to wait for company.
//
// Owns: Group (gathering by lane, one crossing a lane at a time), the retreat
// to smaller loads when a load fails as a whole.
//
// Words: lane 通道 (calls of one lane are worked one load after the other),
// load 一批 (the calls worked together).
//
// Invariants:
//   - Every call gets its own answer; a call that alone fails never fails the
//     calls beside it.
//   - A caller that gives up (its context ends) does not stop the load it is
//     in. What became of its call it must then find out: calls must be safe to
//     repeat.
//   - A lane exists only while it has calls, so many lanes cost nothing at rest.
//
// States: none that outlive a call.
//
// Tables: none.
//
// Not here: what the work is, and its transaction.
package batch
