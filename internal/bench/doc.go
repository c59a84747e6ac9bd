// Package bench measures what Kapok promises about speed, each beside a
// baseline in the same run on the same machine, so that the ratio means
// something wherever it is read.
//
// Owns: the register of benchmarks, the form of a result, the environment (a
// durable private PostgreSQL, the whole site on a loopback port), a lean HTTP
// load client, the table bench/RESULTS.md.
//
// Words: 基准 baseline · 比值 ratio (ours ÷ baseline) · 目标 goal (of the ratio;
// of ours where there is no baseline).
//
// Invariants:
//   - Ours and baseline run in turn, several times; the medians count.
//   - Commits are durable (fsync on) on both sides; same server, same tables,
//     same constraints.
//   - A benchmark checks its own outcome: numbers of a run that went wrong are
//     an error, not a result.
//   - Nothing is left running or lying about afterwards.
//
// Tables: none of its own; the baselines write to the tables they compare with.
//
// Not here: tests of correctness (beside the code they test).
package bench
