// Package pgserver starts and stops the private PostgreSQL that Kapok runs when
// no database URL is given, and finds the PostgreSQL programs on a machine.
//
// Owns: the choice of programs (npm package, else the system's), the folder of
// the private server, its process.
//
// Words: installation 程序 (a set of PostgreSQL programs) · cluster 数据库集簇
// (PostgreSQL's own data folder) · home 主目录 (what stands around it: lock,
// socket, cluster) · orphan 遗留进程 (a server whose Kapok died).
//
// Invariants:
//   - One Kapok a home: a file lock, freed by the kernel even after kill -9.
//   - The server is always a child of this process. An orphan of an earlier run
//     is stopped, never adopted: it would run with old settings and no parent.
//   - Nothing listens on TCP. The only door is a socket in a folder that only
//     the server's own user (and root) may enter, so no password and no port.
//   - Commits are durable (fsync on) unless a caller asks otherwise for tests.
//   - A cluster appears whole: it is made under another name and renamed.
//   - The server's log never shows a statement or the detail of an error, as
//     both may hold personal data.
//   - The role of the application is not a superuser, as on a shared server.
//
// States: down → starting → ready → (crashed → starting) → down.
//
// Tables: none.
//
// Not here: migrations and pools (kit/pg), databases for tests (kit/pgtest).
package pgserver
