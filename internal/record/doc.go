// Package record keeps the hours: what service was given, how well it is
// proved, who confirmed it, and everything that ever happened to it.
//
// Owns: service records with their revisions, the ten-working-day clock, the
// reconciliation of a shift, the journal and its readers (totals, clock of the
// shifts, notifications).
//
// Words: 服务记录 service record, 时数 hours, 确认 confirm, 更正 amend, 作废 void,
// 异议 dispute, 核对 reconciliation, 记录单位 recording unit, 流水 journal,
// 读者 reader, 逾期 late.
//
// Invariants:
//   - A record is never deleted or overwritten. Every change is a next version;
//     a trigger writes its revision and its journal event, so that neither can
//     be left out, and refuses everything else.
//   - One attendance gives one record at most. A person's confirmed time does
//     not overlap (exclusion constraint).
//   - Who typed an entry does not confirm it; nobody confirms his own.
//   - Hours count when confirmed. They are due ten working days after the shift
//     ends (67号令 art. 11); later ones are kept and marked late.
//   - The journal is append-only. A reader handles each event exactly once, in
//     one transaction with its cursor, and never skips one that commits late.
//   - No personal data in events; a person is an id.
//   - When two people are merged their records move as versions of their own; the
//     journal takes the hours from the one and gives them to the other.
//
// States:
//
//	           ┌────────────┬──▶ voided ──▶ pending (reinstated)
//	claimed ▶ pending ──▶ confirmed ──▶ confirmed (amended)
//	           │  ▲          │
//	           └──┴─ disputed ◀┘   answered by amending, confirming or voiding
//
// Tables: record.service_record, record.revision, record.journal,
// record.reader, record.hours_total, record.shift_clock.
//
// Not here: volunteer numbers and names (person), who was present (attendance),
// certificates (certificate), fraud rules (integrity).
package record
