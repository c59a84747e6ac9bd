package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a running child.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended; then err says how
	err    error
}

// launch starts a child that the kernel ends, where it can (Linux), together
// with this process. The kernel ties that to the thread that started the child,
// not to the process, so one thread is kept for the child's whole life.
func launch(cmd *exec.Cmd) (*process, error) {
	tieToParent(cmd.SysProcAttr)
	cmd.WaitDelay = time.Second // an orphaned backend may hold the log pipe open
	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.exited)
		}
	}()
	return p, <-started
}

// wait reports whether the process ended before the context did.
func (p *process) wait(ctx context.Context) bool {
	select {
	case <-p.exited:
		return true
	case <-ctx.Done():
		return false
	}
}

// stop asks for a fast shutdown, which keeps every commit and leaves a clean
// cluster; at the end of ctx an immediate one, which keeps every commit but
// costs a recovery at the next start; at last it kills.
func (p *process) stop(ctx context.Context) error {
	for _, try := range []struct {
		signal syscall.Signal
		ctx    context.Context
	}{{syscall.SIGINT, ctx}, {syscall.SIGQUIT, nil}, {syscall.SIGKILL, nil}} {
		if err := p.cmd.Process.Signal(try.signal); err != nil {
			<-p.exited // it has ended by itself
			return nil
		}
		limit, cancel := try.ctx, context.CancelFunc(func() {})
		if limit == nil {
			limit, cancel = context.WithTimeout(context.Background(), 5*time.Second)
		}
		ended := p.wait(limit)
		cancel()
		if ended && try.signal != syscall.SIGINT {
			return fmt.Errorf("pgserver: PostgreSQL did not stop in time and was ended by %v; "+
				"nothing is lost, the next start will recover", try.signal)
		}
		if ended {
			return nil
		}
	}
	return errors.New("pgserver: PostgreSQL does not end even when killed")
}
