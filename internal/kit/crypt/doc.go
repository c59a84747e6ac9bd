// Package crypt keeps document numbers and phones unreadable at rest: SM4-GCM
// for storing, keyed HMAC-SM3 for finding, keys in files of their own.
//
// Owns: the key files, the envelope around a stored value, look-up hashes,
// secrets derived for a purpose.
// Words: 主密钥 master key (wraps the others), 数据密钥 data key (encrypts
// values), 派生密钥 derived key, 杂凑 hash.
// Invariants: a value opens only in the table, column and row it was sealed
// for; the envelope names its data key, so that old values stay readable
// beside new ones when keys change; key files are readable by their owner only
// (Open refuses looser permissions); keys are made once and never overwritten.
// States: none.
// Tables: none.
// Not here: signatures (kit/sign), password hashes (account).
//
// Algorithms: SM3 GB/T 32905, SM4 GB/T 32907, GCM as in RFC 8998.
package crypt
