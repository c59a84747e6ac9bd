// Package arch tests the architecture itself: the order of areas, the walls
// between their schemas, the house rules a compiler does not know. Each rule
// gives its reason when it fails. It has no code of its own.
package arch
