//go:build !linux

package pgserver

import "syscall"

// tieToParent does nothing: such a kernel cannot tell a child of its parent's
// death. The next start finds the orphan and stops it.
var tieToParent = func(*syscall.SysProcAttr) {}
