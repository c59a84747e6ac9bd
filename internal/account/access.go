package account

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"kapok/internal/kit/web"
	"kapok/internal/region"
)

// Role is what a person is within a scope.
type Role string

// The roles that are given. A volunteer is everybody with an account, a
// guardian everybody with wards; neither is given.
const (
	OrgAdmin    Role = "org_admin"    // 组织管理员: names members, publishes
	OrgApprover Role = "org_approver" // 审核员: confirms hours
	OrgRecorder Role = "org_recorder" // 记录员: enters hours (recorder ≠ approver)
	TeamLeader  Role = "team_leader"  // 领队: shows codes, checks people in

	RegionAdmin Role = "region_admin" // 地区管理员 of a division and its subtree
	Inspector   Role = "inspector"    // 检查员: samples records of a division (67号令 art. 21)

	SystemAdmin   Role = "system_admin"   // 系统管理员: operates, sees no people
	SecurityAdmin Role = "security_admin" // 安全管理员: gives and takes roles
	Auditor       Role = "auditor"        // 审计管理员: reads who did what, changes nothing

	Partner         Role = "partner"          // 合作平台: a system that asks for a person who agreed
	Merchant        Role = "merchant"         // 爱心联盟商家: redeems benefits
	CreditAuthority Role = "credit_authority" // 信用主管部门: receives evidence that a person released
)

// Scope is the kind of thing a role holds within.
type Scope string

// The scopes.
const (
	WithinOrg    Scope = "organisation" // one organisation
	WithinRegion Scope = "region"       // a division and everything below it
	Everywhere   Scope = "everywhere"
)

// scopes has every role that is given.
var scopes = map[Role]Scope{
	OrgAdmin: WithinOrg, OrgApprover: WithinOrg, OrgRecorder: WithinOrg, TeamLeader: WithinOrg,
	RegionAdmin: WithinRegion, Inspector: WithinRegion,
	SystemAdmin: Everywhere, SecurityAdmin: Everywhere, Auditor: Everywhere,
	Partner: Everywhere, Merchant: Everywhere, CreditAuthority: WithinRegion,
}

// Apart are the three administrators of whom no two may be one person
// (三员分立, GB/T 22239-2019 8.1.5).
var Apart = []Role{SystemAdmin, SecurityAdmin, Auditor}

// Grant is a role within a scope: an organisation or a division.
type Grant struct {
	Role   Role
	Org    uuid.UUID // for organisation roles
	Region string    // for region roles: division code
}

// Principal is who makes a request.
type Principal struct {
	Account uuid.UUID
	Person  uuid.UUID
	Session uuid.UUID
	Grants  []Grant
	Wards   []uuid.UUID // minors this person is guardian of, and may act for

	ProvedAt time.Time // when the session last showed whose it is; see Fresh
	Factors  []Factor  // by which the session was opened
	Withheld []Grant   // what would count if it had two; see TwoFactors
}

// Action is something a gate or a service asks leave for.
type Action string

// The actions. One line of the table below each.
const (
	ManageOrg        Action = "manage_org"        // members, profile
	PublishWork      Action = "publish_work"      // projects, activities, shifts
	ManageSignups    Action = "manage_signups"    // approve or refuse sign-ups
	RunShift         Action = "run_shift"         // rotating code, scanning, roster
	RecordHours      Action = "record_hours"      // propose hours, mark attendance
	ConfirmHours     Action = "confirm_hours"     // confirm, amend, void hours
	ViewOrg          Action = "view_org"          // the organisation's desk
	DecideOrg        Action = "decide_org"        // approve or refuse an organisation
	ReviewActivity   Action = "review_activity"   // approve or return an activity
	ViewRegion       Action = "view_region"       // the region's desk
	DecidePhone      Action = "decide_phone"      // move an account to a new phone, after seeing the document
	DecideCorrection Action = "decide_correction" // answer a request to correct personal data (PIPL art. 46)
	OpenPerson       Action = "open_person"       // ask for, and approve, opening one person's page
	Operate          Action = "operate"           // system settings, region lists
	ManageRoles      Action = "manage_roles"      // give and take roles outside organisations
	ReadAudit        Action = "read_audit"        // search who did what
	ProposeMerge     Action = "propose_merge"     // two registrations are one person: evidence was seen
	DecideMerge      Action = "decide_merge"      // approve or refuse it, as the second administrator
	CheckIdentity    Action = "check_identity"    // compare a card in the hand with a registration
	RestoreTop       Action = "restore_top"       // take a lost second factor off an administrator above whom nobody stands
	ClearNames       Action = "clear_names"       // as the second person, let a colleague read minors' full names on a roster
)

// rules is the only place where roles are tied to actions.
var rules = map[Action][]Role{
	ManageOrg:        {OrgAdmin},
	PublishWork:      {OrgAdmin},
	ManageSignups:    {OrgAdmin, OrgApprover, TeamLeader},
	RunShift:         {OrgAdmin, TeamLeader, OrgRecorder},
	RecordHours:      {OrgAdmin, OrgRecorder, TeamLeader},
	ConfirmHours:     {OrgAdmin, OrgApprover},
	ViewOrg:          {OrgAdmin, OrgApprover, OrgRecorder, TeamLeader},
	DecideOrg:        {RegionAdmin},
	ReviewActivity:   {RegionAdmin},
	ViewRegion:       {RegionAdmin},
	DecidePhone:      {RegionAdmin},
	DecideCorrection: {RegionAdmin},
	OpenPerson:       {RegionAdmin, SecurityAdmin},
	Operate:          {SystemAdmin},
	ManageRoles:      {SecurityAdmin},
	ReadAudit:        {Auditor},
	ProposeMerge:     {RegionAdmin},
	DecideMerge:      {RegionAdmin},
	CheckIdentity:    {OrgAdmin, RegionAdmin},
	ClearNames:       {OrgAdmin, OrgApprover},
	RestoreTop:       {SystemAdmin, SecurityAdmin},
}

// Target is what an action is done to: an organisation and the division it
// stands in. Zero values match no grant.
type Target struct {
	Org    uuid.UUID
	Region string
}

// Access decides who may do what, from role and scope, without a database.
type Access struct{ Regions *region.Tree }

// Can is the one decision: does one of p's grants carry a role that the action
// needs, in a scope that holds the target?
func (a Access) Can(p *Principal, act Action, on Target) bool {
	if p == nil {
		return false
	}
	return slices.ContainsFunc(p.Grants, func(g Grant) bool {
		return slices.Contains(rules[act], g.Role) && a.holds(g, on)
	})
}

func (a Access) holds(g Grant, on Target) bool {
	switch scopes[g.Role] {
	case Everywhere:
		return true
	case WithinRegion:
		return on.Region != "" && a.Regions.Within(g.Region, on.Region)
	case WithinOrg:
		return g.Org != uuid.Nil && g.Org == on.Org
	}
	return false // a role nobody knows
}

// Top reports whether a division has none above it.
func (a Access) Top(region string) bool { return len(a.Regions.Path(region)) == 1 }

// MayActFor reports whether p is the person or the person's guardian.
func (p *Principal) MayActFor(person uuid.UUID) bool {
	return p != nil && (p.Person == person || slices.Contains(p.Wards, person))
}

type principalKey struct{}

// With puts the principal into a context.
func With(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From is who makes the request, or nil.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(principalKey{}).(*Principal)
	return p
}

// Resolve finds what a request is about, from its path; it returns
// fault.ErrNotFound when there is no such thing.
type Resolve func(r *http.Request) (Target, error)

type gate struct {
	name  string
	admit func(r *http.Request) error
}

func (g gate) Admit(r *http.Request) error { return g.admit(r) }
func (g gate) String() string              { return g.name }

// Public lets everybody pass.
var Public web.Gate = gate{"public", func(*http.Request) error { return nil }}

// SignedIn lets everybody with a session pass.
var SignedIn web.Gate = gate{"signed_in", func(r *http.Request) error {
	if From(r.Context()) == nil {
		return ErrSignIn
	}
	return nil
}}

// Allow lets those pass who may do the action to what the path names.
func (a Access) Allow(act Action, on Resolve) web.Gate {
	return gate{string(act), func(r *http.Request) error {
		p := From(r.Context())
		if p == nil {
			return ErrSignIn
		}
		target, err := on(r)
		if err != nil {
			return err
		}
		return a.Refuse(p, act, target)
	}}
}

// anyScope ends the names of gates that ask for an action in any scope.
const anyScope = ":any"

// AnyScope lets those pass who hold the action in any scope (menus, own desk).
func (a Access) AnyScope(act Action) web.Gate {
	return gate{string(act) + anyScope, func(r *http.Request) error {
		p := From(r.Context())
		if p == nil {
			return ErrSignIn
		}
		return p.lacks(act)
	}}
}

// Holds reports whether p may do the action somewhere.
func (p *Principal) Holds(act Action) bool {
	return p != nil && slices.ContainsFunc(p.Grants, func(g Grant) bool { return slices.Contains(rules[act], g.Role) })
}
