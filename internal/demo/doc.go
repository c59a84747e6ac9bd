// Package demo fills an empty database with a generated year of life, so that
// whoever tries Kapok sees it at work, and so that the whole program is run
// through a year at every test.
//
// Owns: an invented population of a dozen counties of Guangdong, of Hong Kong
// and of Macao; its organisations; a year of activities with the seasons of the
// province; what people did there; the logins printed for trying it out; the
// replay of all this through the real services, with their clocks moved along.
// Words: 演示数据 demo, 种子 seed, 名单 cast, 场次 shift, 重放 replay.
// Invariants: the same seed, scale and day give the same life; nothing enters
// the database but through the services that people use, under the rules they
// live by; no document number or phone can be a real person's (see numbers.go);
// a fill that was interrupted begins anew, a finished one is left alone.
// Tables: demo.fill, made by Fill itself, so that only demo databases have it.
// Not here: what the services do; benchmarks and their sizes (bench).
package demo
