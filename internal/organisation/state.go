package organisation

import (
	"kapok/internal/kit/fault"
)

// Verdict is what is done with an organisation's standing.
type Verdict string

// The verdicts. Reapply is the applicant's; the others are the administrator's
// of the division.
const (
	Approve Verdict = "approve"
	Return  Verdict = "return" // with a reason
	Refuse  Verdict = "refuse" // with a reason
	Suspend Verdict = "suspend"
	Resume  Verdict = "resume"
	Reapply Verdict = "reapply"
)

// Verdicts lists what an administrator may decide.
var Verdicts = []string{string(Approve), string(Return), string(Refuse), string(Suspend), string(Resume)}

var transitions = map[State]map[Verdict]State{
	Applied:   {Approve: Approved, Return: Returned, Refuse: Refused},
	Returned:  {Reapply: Applied},
	Refused:   {},
	Approved:  {Suspend: Suspended},
	Suspended: {Resume: Approved},
}

// inState explains why an organisation in a state does not take a verdict.
var inState = map[State]*fault.Error{
	Applied: ErrIsApplied, Returned: ErrIsReturned, Refused: ErrIsRefused, Approved: ErrIsApproved, Suspended: ErrIsSuspended,
}

// Next is the state after a verdict, or the fault that names the present state.
func (s State) Next(v Verdict) (State, *fault.Error) {
	if next, ok := transitions[s][v]; ok {
		return next, nil
	}
	return s, inState[s]
}

// Allowed lists the administrator's verdicts that a state takes, in order.
func (s State) Allowed() []Verdict {
	var out []Verdict
	for _, v := range Verdicts {
		if _, ok := transitions[s][Verdict(v)]; ok {
			out = append(out, Verdict(v))
		}
	}
	return out
}

// NeedsReason reports whether a verdict must say why.
func (v Verdict) NeedsReason() bool { return v == Return || v == Refuse || v == Suspend }
