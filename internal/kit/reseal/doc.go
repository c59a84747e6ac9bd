// Package reseal brings stored values under the current data key, while the
// platform serves.
//
// Owns: walking a column of sealed values, counting what is under which key.
// Words: 密钥轮换 key rotation, 重新加密 to reseal.
// Invariants: a value that somebody writes meanwhile is never overwritten with
// an older one; what was done stays done when the walk is cut off; nothing is
// shown or logged of a value.
// Tables: those whose columns the areas name.
// Not here: the keys and the envelope (kit/crypt), which columns are sealed
// (the areas).
package reseal
