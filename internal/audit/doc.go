// Package audit keeps who did what, and who looked at whose personal data.
//
// Owns: the insert-only log of acts and reads, the chain of hashes over it and
// its check, the keeping time, the auditor's search.
// Words: 审计 audit, 操作人 actor, 查阅 read, 哈希链 chain, 封存 seal, 检查点 checkpoint.
// Invariants: an entry commits with the change it describes or not at all;
// entries are never changed, and deleted only after three years (triggers refuse
// it); no personal data in them. Writers never wait for each other: one sealer
// chains what no open transaction can still come before. Each seal holds the
// hash of the one before, keyed with a key outside the database, so that whoever
// has only the database cannot forge one. What the chain alone cannot see is its
// newest end cut off: for that the head is logged every hour.
// States: entry written → sealed → deleted below a checkpoint.
// Tables: audit.entry, audit.seal, audit.checkpoint, audit.subject.
// Not here: the journal of hours (record), what is read and why (the pages).
package audit
