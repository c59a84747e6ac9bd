// Package certificate proves volunteer service on paper and on a screen.
//
// Owns: the certificate number, the signed statement, its PDF and JSON forms,
// checking both without a network, the certificate's status, and the rule that
// the status follows the hours behind it.
// Words: 志愿服务记录证明 certificate of volunteer service, 证明编号 number,
// 记录单位 recording unit, 出具 issue, 作废 void, 换发 replace, 查验 verify,
// 声明 statement, 披露 disclosure.
// Invariants: a certificate states at least service time, service content and
// recording unit (67号令 art. 15); it is free (art. 3); nothing about the holder
// is on it that the holder did not choose (art. 16); anybody can check it
// (art. 17); it states confirmed hours only; statement and signature never
// change once issued; a character that cannot be printed stops the issue.
// States: valid → void (a reason is demanded) · valid → replaced (by a newer
// certificate of the same holder). Both are final. When an hour behind a valid
// certificate is amended or voided, the certificate becomes void.
// Tables: certificate.certificate, certificate.basis, certificate.signing_key.
// Not here: hours (record), people (person), fonts and seals (kit/pdf), keys
// (kit/sign), pages (certificateweb), ledger proofs (ledger, through
// Export.Proofs).
package certificate
