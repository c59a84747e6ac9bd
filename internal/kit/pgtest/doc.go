// Package pgtest gives each test a PostgreSQL database of its own.
//
// Owns: the server shared by the tests of a machine, the migrated template, the
// clone of it that a test gets, durable servers that a test may kill.
//
// Words: template 模板库 (migrated once for each state of the migrations) ·
// clone 克隆库 (a test's own copy of it) · keeper 看护进程 (the process that
// holds the shared server and stops it when nobody has used it for a while).
//
// Which server: KAPOK_TEST_PG is a version number (default 18: the npm package
// that `make deps` fetches, else the system's), or the URL of a running server
// and a role there that may create databases.
//
// Invariants:
//   - No database is a failure of the test, with how to mend it; never a skip.
//   - Tests share a server, never a database: all may run in parallel, and so
//     may test processes, even of several source trees.
//   - The shared server ends by itself, and a crash of a test, the keeper or the
//     server blocks no later run. It is fast, not durable; what must survive a
//     crash is tested on Durable.
//   - The clone is dropped after the test. With KAPOK_TEST_KEEP=1 that of a
//     failed test stays for a day, and its URL is printed.
//
// Tables: none.
//
// Not here: starting PostgreSQL (kit/pgserver), migrations (kit/pg).
package pgtest
