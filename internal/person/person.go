package person

import (
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/i18n"
	"kapok/internal/region"
)

// Person is a volunteer, or a minor for whom a guardian acts.
type Person struct {
	ID            uuid.UUID
	VolunteerNo   string // K7Q-4821
	NameHans      string
	NameHant      string
	NameLatin     string
	Gender        string // male, female
	BirthDate     time.Time
	Division      string
	Phone         string // E.164; "" for wards, who are reached through guardians
	PhoneProven   bool   // somebody typed a code sent to it
	Email         string
	Skills        []string
	Languages     []string
	ServiceFields []string
	Lang          i18n.Lang // of messages
	RegisteredAt  time.Time
	RegisteredBy  *uuid.UUID // guardian who entered the person
	SuspendedAt   *time.Time
	MergedInto    *uuid.UUID // the registration this one was joined with
	NameCorrected *time.Time // when a document last put a name right; nil: never
	Version       int        // for edits: one more with each
}

// String is the volunteer number, so that a person cannot slip into a log.
func (p Person) String() string { return p.VolunteerNo }

// LogValue is the id only.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.ID.String()) }

// Age is the age on a day.
func (p Person) Age(day time.Time) int { return AgeOn(p.BirthDate, day) }

// Service does what this area does.
type Service struct {
	pool    *pgxpool.Pool
	keys    *crypt.Keys
	regions *region.Tree
	clk     clock.Clock
	merging MergeDeps
	places  PlaceDeps
}

// New makes the service.
func New(pool *pgxpool.Pool, keys *crypt.Keys, regions *region.Tree, clk clock.Clock) *Service {
	return &Service{pool: pool, keys: keys, regions: regions, clk: clk}
}

// Today is the current day where people live; ages change at its midnight.
func (s *Service) Today() time.Time {
	n := s.clk.Now().In(clock.Shanghai)
	return time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, time.UTC)
}
