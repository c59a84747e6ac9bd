// Package account is how people sign in, and the one place that decides who
// may do what.
//
// Owns: accounts, sessions and tokens, one-time codes, passwords, rate limits,
// roles within divisions (access.go has the rules of all roles), lost phones,
// passkeys, authenticator apps, recovery codes (factor.go has the rule of two factors).
// Words: 账号 account, 会话 session, 验证码 one-time code, 角色 role, 范围 scope,
// 认得的设备 known device,
// 再次确认 step-up (a fresh proof before exports and decisions),
// 第二重验证 second factor, 通行密钥 passkey, 身份验证器 authenticator app (TOTP), 备用码 recovery code.
// Invariants: a phone opens one account that is not closed; a person has one of
// their own, and those of registrations merged into theirs; only hashes of secrets are stored; a
// sign-in makes a new session (no fixation) and is told to the owner when the
// account did not know the device; whether a phone has an account is
// told only to whoever proved the phone; no limit that strangers can fill stops a
// device the account knows, so that nobody can lock somebody else out from afar;
// staff roles count only in a session of two factors, one cryptographic; a code, a
// challenge and a recovery code work once; a session of one factor never changes
// the second one.
// States: account active → closed; session alive → revoked or expired; code
// sent → used, expired or worn out; request for a new phone open → approved or
// refused; second factor lost open → approved by two or refused.
// Tables: account.account, session, known_device, code, pace, role_grant, new_phone,
// passkey, challenge, authenticator, recovery_code, lost_factor.
// Not here: who a person is (person), members of organisations (organisation),
// sending (notify).
package account
