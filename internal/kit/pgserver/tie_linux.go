package pgserver

import "syscall"

// tieToParent: when Kapok dies, even by kill -9, its server shuts down fast.
var tieToParent = func(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }
