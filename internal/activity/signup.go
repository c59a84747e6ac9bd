package activity

import (
	"time"

	"github.com/google/uuid"
)

// SignupState is where a sign-up stands.
type SignupState string

// The states of a sign-up:
//
//	        ┌──────────▶ waiting ──────────┐
//	asked ──┼──────────▶ pending ──────────┼──▶ cancelled (by the volunteer, or with the shift)
//	        └──────────▶ confirmed ────────┴──▶ refused   (by the organisation)
//
// Waiting moves up to pending or confirmed when a place gets free; pending
// becomes confirmed when the organisation approves; a refused one too, when the
// organisation thinks better of it. Who was signed up in one act moves up together. Pending and confirmed hold a place.
const (
	SignupPending   SignupState = "pending"   // 待审核: holds a place, the organisation decides
	SignupConfirmed SignupState = "confirmed" // 已报上: holds a place
	SignupWaiting   SignupState = "waiting"   // 候补
	SignupCancelled SignupState = "cancelled" // 已取消
	SignupRefused   SignupState = "refused"   // 未通过
)

// Holds reports whether a sign-up in this state takes one of the places.
func (s SignupState) Holds() bool { return s == SignupPending || s == SignupConfirmed }

// Active reports whether the sign-up still stands: it holds a place or waits.
func (s SignupState) Active() bool { return s.Holds() || s == SignupWaiting }

// Signup is one person's wish to serve in one shift, and what became of it.
type Signup struct {
	ID        uuid.UUID
	Shift     uuid.UUID
	Person    uuid.UUID
	By        uuid.UUID  `db:"signed_by"` // the person, or the guardian who signed
	Party     *uuid.UUID // of those signed up in one act (亲子报名); nil: alone
	State     SignupState
	Queue     int64      // order in which requests got their turn
	At        time.Time  `db:"created_at"`
	ChangedAt time.Time  // last change of state
	ChangedBy *uuid.UUID // nil when the waiting list moved up by itself
	NoticeMin *int       // minutes between cancelling and the start (条例 art. 22); nil unless cancelled by the volunteer
	Reason    string     // what the organisation said when it refused or cancelled
	Position  int        // place in the waiting list from 1; 0 unless waiting
}

// SignUpRequest asks for a place. By is the person or a guardian acting for
// the person; the caller has made sure of that (account.Principal.MayActFor).
type SignUpRequest struct{ Shift, Person, By uuid.UUID }

// SignupCause is what made a sign-up change.
type SignupCause string

// The causes.
const (
	CauseSignedUp  SignupCause = "signed_up"  // by the person or guardian
	CausePromoted  SignupCause = "promoted"   // moved up from the waiting list
	CauseApproved  SignupCause = "approved"   // by the organisation
	CauseRefused   SignupCause = "refused"    // by the organisation
	CauseWithdrawn SignupCause = "withdrawn"  // cancelled by the person or guardian
	CauseCalledOff SignupCause = "called_off" // the shift or activity was cancelled
	CauseMoved     SignupCause = "moved"      // the shift's time or place changed; the state stays
)

// SignupEvent tells of one change, in the transaction that makes it.
type SignupEvent struct {
	Signup Signup      // as it is now
	From   SignupState // before; "" for a new one
	Cause  SignupCause
}
