package person

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/notify"
)

// MergeState is where the joining of two registrations stands.
type MergeState string

// The states:
//
//	         ┌─────────── proves both, nothing conflicts ──────────┐
//	asked ──▶ case ──▶ proposed ──▶ merged ──▶ undone              ▼
//	           └──▶ refused ◀──┘      ▲                          merged
const (
	MergeCase     MergeState = "case"     // 待核实: somebody says that both are one; nobody has seen evidence
	MergeProposed MergeState = "proposed" // 待复核: an administrator saw evidence; a second one decides
	MergeRefused  MergeState = "refused"  // 不予合并
	Merged        MergeState = "merged"   // 已合并
	MergeUndone   MergeState = "undone"   // 已撤销合并
)

// UndoDays is how long a person may undo a merge alone.
const UndoDays = 30

// Merge is two registrations of one human being, and what became of it.
type Merge struct {
	ID          uuid.UUID
	Kept        uuid.UUID // goes on
	Absorbed    uuid.UUID // its rows go to Kept
	Division    string    // lowest one that holds both: whose administrators decide
	State       MergeState
	AskedBy     *uuid.UUID // the person; nil when an administrator found it
	AskedAt     *time.Time
	Said        string   // by the person
	Conflicts   []string // codes of Conflicts
	ProposedBy  *uuid.UUID
	ProposedAt  *time.Time
	Evidence    string
	DecidedBy   *uuid.UUID // second administrator, or the person who proved both
	DecidedAt   *time.Time
	Reason      string
	MergedAt    *time.Time
	UndoBy      *uuid.UUID // administrator who asks to undo it
	UndoAskedAt *time.Time
	UndoReason  string
	UndoneBy    *uuid.UUID
	UndoneAt    *time.Time
}

// LogValue is the id only.
func (m Merge) LogValue() slog.Value { return slog.StringValue(m.ID.String()) }

// Own reports whether the person proved both registrations and merged them alone.
func (m Merge) Own() bool { return m.DecidedBy != nil && *m.DecidedBy == m.Kept }

// Concerns reports whether who is one of the two.
func (m Merge) Concerns(who uuid.UUID) bool { return who == m.Kept || who == m.Absorbed }

// The conflicts: what does not fit together. None of them hinders two
// administrators; each keeps the person from merging alone.
const (
	ConflictDocument  = "document"  // same kind and issuer, another number
	ConflictBirth     = "birth"     // birth dates differ
	ConflictGender    = "gender"    // genders differ
	ConflictName      = "name"      // no name fits
	ConflictSuspended = "suspended" // one of them is suspended
	ConflictOwnHours  = "own_hours" // one confirmed hours of the other
	ConflictUnproved  = "unproved"  // only a document number is known of the other
	ConflictWard      = "ward"      // one of them is a minor, for whom a guardian acts
)

// Joining is a merge, or its undoing, while the areas take part in it.
type Joining struct {
	ID     uuid.UUID
	From   uuid.UUID // absorbed
	Into   uuid.UUID // kept
	By     uuid.UUID // who merges or undoes
	At     time.Time
	Lang   i18n.Lang // of reasons that the person reads
	Report *Report
}

// Report says in plain words what a merge moves, what it changes and what does
// not fit; of an undoing, what could not be put back.
type Report struct {
	Lines     []Line
	Conflicts []string
}

// Line is one thing that happens: the text person.merge.line.<Kind> with Args.
type Line struct {
	Kind string
	Args map[string]any
}

// Say adds a line.
func (r *Report) Say(kind string, args map[string]any) { r.Lines = append(r.Lines, Line{kind, args}) }

// Count adds a line about n things, unless there are none.
func (r *Report) Count(kind string, n int64) {
	if n > 0 {
		r.Say(kind, map[string]any{"n": int(n)})
	}
}

// Conflict adds a conflict once.
func (r *Report) Conflict(code string) {
	if !slices.Contains(r.Conflicts, code) {
		r.Conflicts = append(r.Conflicts, code)
	}
}

// MergePart is how an area takes part in a merge.
type MergePart struct {
	// Owned are the columns whose rows simply move.
	Owned []pg.Owned
	// Lock locks what writers lock before they write for one of the people. It
	// may wait when told so, as nothing is held then; else it must not.
	Lock func(ctx context.Context, tx pgx.Tx, wait bool, people []uuid.UUID) error
	// Merge settles what cannot stand twice and moves what does not simply move.
	Merge func(ctx context.Context, tx pgx.Tx, j *Joining) error
	// Unmerge puts back what Merge changed; Owned are back by then.
	Unmerge func(ctx context.Context, tx pgx.Tx, j *Joining) error
}

// MergeDeps is what merging needs from the areas above.
type MergeDeps struct {
	Parts []MergePart // in the order in which they run
	Tell  func(ctx context.Context, tx pgx.Tx, messages ...notify.Message) error
	Done  func() // after a commit: sessions see the new person at once
}

// ConnectMerge tells of the areas above; call it before use.
func (s *Service) ConnectMerge(d MergeDeps) { s.merging = d }

// MergeParts are the parts of all areas, this one's last.
func (s *Service) MergeParts() []MergePart { return s.parts() }
