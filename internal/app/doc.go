// Package app wires all areas into one running platform, top to bottom, by
// hand. The program, the benchmarks and the browser tests start the same one.
//
// Owns: the order in which areas are made and told of each other, background
// work, health answers, messages about sign-ups and activities (which no area
// below could send, as sign-ups do not know of messages).
// Not here: flags, signals and listeners (cmd/kapok).
package app

// Version is the program's version.
const Version = "0.1.0"
