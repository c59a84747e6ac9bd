package privacy

import (
	"strings"
	"time"

	"kapok/internal/kit/i18n"
)

// Kind says how much harm a leak would do (PIPL art. 28).
type Kind string

// The kinds.
const (
	Ordinary  Kind = "ordinary"
	Sensitive Kind = "sensitive" // 敏感个人信息: identity documents, minors under 14, what opens an account
)

// Basis is why the law allows it (PIPL art. 13).
type Basis string

// The legal bases.
const (
	ByConsent Basis = "consent" // art. 13 (1) 1
	ByWish    Basis = "wish"    // art. 13 (1) 2: needed for what the person asked for
	ByDuty    Basis = "duty"    // art. 13 (1) 3: real-name registration and records of service are a legal duty (67号令, 慈善法 art. 66)
)

// Viewer is who can see something, as a rule.
type Viewer string

// The viewers.
const (
	Self      Viewer = "self" // and the guardian of a minor
	Organiser Viewer = "organiser"
	Division  Viewer = "division"
	Auditors  Viewer = "auditor"
	Anybody   Viewer = "anybody" // to whom the person shows a certificate
	Nobody    Viewer = "nobody"  // machines only
)

// Keep is how long something is held: as long as a rule says, and, where a
// job deletes it, for a time after that.
type Keep struct {
	Rule  string // text privacy.keep.<rule>
	After time.Duration
}

const day = 24 * time.Hour

// The keeping times. Those with a time are applied by Service.Tidy.
var (
	untilErased  = Keep{Rule: "until_erased"}                  // the person asks for deletion
	withHours    = Keep{Rule: "with_hours"}                    // under the id alone once the person is erased
	asAudit      = Keep{Rule: "audit"}                         // audit.Keep
	afterEnd     = Keep{Rule: "after_end", After: day}         // of their short use
	sessionEnd   = Keep{Rule: "session", After: 30 * day}      // after they ended
	aYear        = Keep{Rule: "year", After: 365 * day}        // after they were written
	decidedYears = Keep{Rule: "decided", After: 3 * 365 * day} // after the decision
	jobDone      = Keep{Rule: "job"}                           // the job queue deletes finished work itself
)

// Item is one kind of thing held about people: a line of the register.
type Item struct {
	Code    string // texts privacy.item.<code> and privacy.item.<code>.why
	Kind    Kind
	Basis   Basis
	Keep    Keep
	Seen    []Viewer
	Columns []string // "schema.table: column column"
}

// Register is everything that Kapok holds about people.
var Register = []Item{
	{"name", Ordinary, ByDuty, untilErased, []Viewer{Self, Organiser, Division}, []string{
		"person.person: name_hans name_hant name_latin name_corrected_at", "person.identity_document: name"}},
	{"number", Ordinary, ByDuty, untilErased, []Viewer{Self, Organiser, Division}, []string{
		"person.person: id volunteer_no national_no registered_at registered_by suspended_at erased_at merged_into version"}},
	{"birth", Sensitive, ByDuty, untilErased, []Viewer{Self, Organiser}, []string{"person.person: birth_date gender"}},
	{"place", Ordinary, ByDuty, untilErased, []Viewer{Self, Division}, []string{"person.person: division"}},
	{"document", Sensitive, ByDuty, untilErased, []Viewer{Self, Division}, []string{
		"person.identity_document: id person kind issuer class number_enc key_hash valid_to unusual assurance verified_by verified_at added_at renewed_at",
		"person.verification: id person document level source verified_by verified_at valid_to"}},
	{"merge", Sensitive, ByDuty, withHours, []Viewer{Self, Division}, []string{
		`person.merge: id kept absorbed state division conflicts said evidence reason asked_by asked_at proposed_by proposed_at decided_by decided_at merged_at
			undo_by undo_reason undo_asked_at undone_by undone_at`, "person.merge_row: merge tbl col row was"}},
	{"phone", Ordinary, ByDuty, untilErased, []Viewer{Self}, []string{
		"person.person: phone_enc phone_hash phone_proven_at", "account.account: phone_hash phone"}},
	{"email", Ordinary, ByWish, untilErased, []Viewer{Self}, []string{"person.person: email_enc"}},
	{"skills", Ordinary, ByDuty, untilErased, []Viewer{Self}, []string{
		"person.person: skills languages service_fields lang", "person.qualification: id person code valid_to verified_by verified_at revoked_at"}},
	{"guardian", Sensitive, ByDuty, withHours, []Viewer{Self}, []string{"person.guardianship: id guardian ward relation since ended_at ended_by"}},
	{"family_code", Ordinary, ByWish, afterEnd, []Viewer{Nobody}, []string{"person.guardian_code: code_hash ward made_by expires_at used_at"}},
	{"consent", Ordinary, ByDuty, withHours, []Viewer{Self}, []string{
		"person.consent: id person purpose text_version org given_by given_at withdrawn_by withdrawn_at"}},
	{"account", Sensitive, ByWish, untilErased, []Viewer{Self}, []string{"account.account: id person password state joined created_at"}},
	{"session", Ordinary, ByWish, sessionEnd, []Viewer{Self}, []string{
		"account.session: id account secret kind device created_at seen_at expires_at revoked_at proved_at factors"}},
	{"factor", Sensitive, ByWish, untilErased, []Viewer{Self}, []string{
		"account.passkey: id account name credential public_key sign_count backup_eligible backed_up created_at used_at",
		"account.authenticator: id account secret last_step created_at confirmed_at used_at", "account.recovery_code: hash account made_at used_at"}},
	{"device", Ordinary, ByWish, aYear, []Viewer{Self}, []string{"account.known_device: account secret session name since seen_at"}},
	{"link", Sensitive, ByWish, untilErased, []Viewer{Self}, []string{
		"federation.link: id person provider subject level linked_at verified_at ended_at"}},
	{"app", Ordinary, ByConsent, untilErased, []Viewer{Self}, []string{
		"idp.consent: id person client asked claims given_at withdrawn_at", "idp.grant: id request client person subject scopes auth_time created_at expires_at revoked_at",
		`idp.request: id client redirect_uri scopes state nonce challenge ask_again fresh_after created_at person code code_until auth_time used_at`,
		"idp.token: hash of_grant kind created_at expires_at used_at revoked_at", "idp.client: registered_by"}},
	{"code", Ordinary, ByWish, afterEnd, []Viewer{Nobody}, []string{
		"account.code: id phone_hash purpose hash asker created_at expires_at tries used_at", "attendance.wrong_code: who since tries", "account.pace: bucket began_at n", "account.challenge: id account ceremony expires_at"}},
	{"new_phone", Sensitive, ByWish, aYear, []Viewer{Self, Division}, []string{
		"account.new_phone: id person region phone_hash phone asked_at state decided_by decided_at reason",
		"account.lost_factor: id account person region asked_at state seen_by seen_at seen_as decided_by decided_at decided_as reason"}},
	{"role", Ordinary, ByDuty, withHours, []Viewer{Self, Organiser, Division}, []string{
		"account.role_grant: id person role region granted_by granted_at reason until revoked_by revoked_at revoke_reason", "organisation.member: org person role added_at added_by",
		"organisation.organisation: applied_by", "activity.project: created_by", "activity.activity: created_by responsible contact"}},
	{"signup", Ordinary, ByWish, withHours, []Viewer{Self, Organiser}, []string{
		"activity.signup: id shift person signed_by party state during queue created_at changed_at changed_by notice_min reason"}},
	{"calendar", Ordinary, ByWish, untilErased, []Viewer{Self}, []string{"activity.calendar: serial person created_at"}},
	{"attendance", Ordinary, ByDuty, withHours, []Viewer{Self, Organiser}, []string{
		"attendance.attendance: id shift person signup org state in_at in_method in_place in_by out_at out_method out_place out_by closes_at reason",
		"attendance.missing_out: attendance opened_at asked_at asked_by answered_at answer_out_at answer_note settled_at settled_by settled_how"}},
	{"hours", Ordinary, ByDuty, withHours, []Viewer{Self, Organiser, Division}, []string{
		`record.service_record: id person org recorder_org activity shift attendance signed_up division field activity_name service_date place content minutes
			organiser responsible recording_unit starts_at ends_at travel_counted entry_way grade state activity_end_at due_on due_estimated recorder recorded_at
			approver confirmed_at late version change changed_at changed_by cause reason`,
		"record.revision: record version at actor change cause reason old new", "record.journal: seq at kind record person org actor payload",
		"record.hours_total: person year org field grade confirmed_minutes confirmed_count pending_minutes pending_count"}},
	{"certificate", Ordinary, ByWish, untilErased, []Viewer{Self, Anybody}, []string{
		"certificate.certificate: id number person statement signature signing_key issued_at minutes times date_from date_to replaces status status_at cause reason erased_at",
		"certificate.basis: certificate record version"}},
	{"message", Ordinary, ByWish, aYear, []Viewer{Self}, []string{
		"notify.message: id person kind args link key created_at read_at", "notify.delivery: message channel state tries at"}},
	{"audit", Ordinary, ByDuty, asAudit, []Viewer{Self, Auditors}, []string{
		"audit.entry: id at actor action object org region detail", "audit.subject: entry person"}},
	{"job", Ordinary, ByWish, jobDone, []Viewer{Nobody}, []string{
		"river.river_job: id state attempt max_attempts attempted_at created_at finalized_at scheduled_at priority args attempted_by errors kind metadata queue tags unique_key unique_states"}},
	{"choice", Ordinary, ByDuty, untilErased, []Viewer{Self}, []string{"privacy.choice: person suggestions credit changed_at changed_by"}},
	{"request", Ordinary, ByDuty, decidedYears, []Viewer{Self, Division}, []string{
		"privacy.request: id person kind division asked_by asked_at due_at item words wish appeals keep_certificates state decided_at decided_by answer"}},
	{"access", Ordinary, ByDuty, decidedYears, []Viewer{Division, Auditors}, []string{
		"privacy.access: id kind person minor division asked_by asked_at reason state decided_by decided_at valid_until tell_at told_at roster org shift alone"}},
}

// KeptWords is free text that stays when a person whom it may name is erased:
// all other words about them are struck (ADR 17).
type KeptWords struct {
	Code    string   // texts privacy.kept.<code> and privacy.kept.<code>.why, its legal ground
	Columns []string // "schema.table: column column"
}

// Kept is all free text that outlives an erasing.
var Kept = []KeptWords{
	{"service", []string{"record.service_record: activity_name place content organiser responsible recording_unit", "record.revision: old new"}},
	{"announced", []string{"activity.activity: responsible contact"}},
	{"opened", []string{"privacy.access: reason"}},
}

// All are the columns, as "schema.table.column".
func (k KeptWords) All() []string { return columns(k.Columns) }

// Name is what it is called.
func (k KeptWords) Name(l i18n.Lang) string { return i18n.Text(l, "privacy.kept."+k.Code) }

// Why is the legal ground, in plain words.
func (k KeptWords) Why(l i18n.Lang) string { return i18n.Text(l, "privacy.kept."+k.Code+".why") }

// impersonal are the columns that are about nobody.
var impersonal = []string{
	`activity.activity: id project org recording_unit division title content field local_field objects guarantees risks dangerous insurance declarations
		travel_counted with_adult state reason version created_at submitted_at published_at`,
	"activity.listing: activity title org org_name field division dangerous starts_at ends_at place lat lon keys marks",
	"activity.project: id org name intro state version created_at",
	`activity.shift: id activity name starts_at ends_at place lat lon radius_m capacity taken waiting waiting_max signup_from signup_until min_age max_age
		skills languages qualifications approval state`,
	"audit.checkpoint: seq entry hash made_at", "audit.seal: seq entry previous hash sealed_at",
	"certificate.signing_key: id public first_used",
	"federation.used_state: id expires_at",
	"idp.client: id name_hans name_hant name_en purpose_hans purpose_hant purpose_en sector redirect_uris logout_uris claims secret registered_at ended_at",
	`organisation.organisation: id name name_key kind division county credit_code registry_no guiding_unit filing_kind filing_no filing_from filing_to partner
		phone email address fields intro state reason version applied_at decided_at`,
	"person.key_check: only_row fingerprint",
	"public.goose_db_version: id version_id is_applied tstamp",
	"record.reader: name seq events moved_at", "record.shift_clock: shift org division title ends_at due_on due_estimated pending missing",
	"region.division: code parent level name_hans name_hant name_en valid_from valid_to",
	"river.river_leader: elected_at expires_at leader_id name", "river.river_migration: line version created_at",
	"river.river_notification: id created_at payload topic", "river.river_queue: name created_at metadata paused_at updated_at",
}

// columns lists "schema.table.column" of lines "schema.table: column column".
func columns(lines []string) []string {
	var out []string
	for _, line := range lines {
		table, names, _ := strings.Cut(line, ": ")
		for _, name := range strings.Fields(names) {
			out = append(out, table+"."+name)
		}
	}
	return out
}

// ItemOf finds a line of the register.
func ItemOf(code string) (Item, bool) {
	for _, i := range Register {
		if i.Code == code {
			return i, true
		}
	}
	return Item{}, false
}

// All are the columns of the item, as "schema.table.column".
func (i Item) All() []string { return columns(i.Columns) }

// Name is what it is called.
func (i Item) Name(l i18n.Lang) string { return i18n.Text(l, "privacy.item."+i.Code) }

// Why is what it is needed for, in plain words.
func (i Item) Why(l i18n.Lang) string { return i18n.Text(l, "privacy.item."+i.Code+".why") }

// BasisText is the legal basis in plain words.
func (i Item) BasisText(l i18n.Lang) string { return i18n.Text(l, "privacy.basis."+string(i.Basis)) }

// KindText says whether it is sensitive.
func (i Item) KindText(l i18n.Lang) string { return i18n.Text(l, "privacy.kind."+string(i.Kind)) }

// KeepText says how long it is held.
func (i Item) KeepText(l i18n.Lang) string { return i18n.Text(l, "privacy.keep."+i.Keep.Rule) }

// SeenText says who can see it.
func (i Item) SeenText(l i18n.Lang) string {
	names := make([]string, len(i.Seen))
	for n, v := range i.Seen {
		names[n] = i18n.Text(l, "privacy.viewer."+string(v))
	}
	if l == i18n.En {
		return strings.Join(names, ", ")
	}
	return strings.Join(names, "、")
}
