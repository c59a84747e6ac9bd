package activity

import "kapok/internal/kit/fault"

// Step is what moves an activity from one state to another.
type Step string

// The steps. Publish and Return are the administrator's of the division, the
// others the organisation's.
const (
	Submit   Step = "submit"   // hand in for review
	Withdraw Step = "withdraw" // take back what waits for review
	Return   Step = "return"   // send back, with a reason
	Publish  Step = "publish"
	Close    Step = "close"  // after the last shift
	Cancel   Step = "cancel" // tells those who signed up
)

var transitions = map[State]map[Step]State{
	Draft:     {Submit: Submitted, Cancel: Cancelled},
	Submitted: {Withdraw: Draft, Return: Draft, Publish: Published, Cancel: Cancelled},
	Published: {Close: Closed, Cancel: Cancelled},
	Closed:    {},
	Cancelled: {},
}

// inState explains why an activity in a state does not take a step.
var inState = map[State]*fault.Error{
	Draft: ErrIsDraft, Submitted: ErrIsSubmitted, Published: ErrIsPublished, Closed: ErrIsClosed, Cancelled: ErrIsCancelled,
}

// Next is the state after a step, or the fault that names the present state.
func (s State) Next(step Step) (State, *fault.Error) {
	if next, ok := transitions[s][step]; ok {
		return next, nil
	}
	return s, inState[s]
}

// Takes reports whether a state takes a step.
func (s State) Takes(step Step) bool {
	_, ok := transitions[s][step]
	return ok
}
