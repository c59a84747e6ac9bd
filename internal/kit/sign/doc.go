// Package sign signs with Ed25519 and lets others check it.
//
// Owns: the signer (a key file, or anything that can do the same, such as an
// HSM), key ids, the published key set, canonical JSON (RFC 8785).
// Words: 签名 signature, 密钥标识 key id, 公钥 public key.
// Invariants: a private key never leaves its file and is readable by its owner
// only; a key id is the thumbprint of the public key (RFC 7638), so it cannot
// name another key; public keys are never removed from a node's folder, so old
// signatures stay checkable after a change of key.
// Not here: what is signed (certificate), SM2 (kit/crypt).
package sign
