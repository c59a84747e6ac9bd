package pgserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// nobody is the user id that every Unix keeps for processes without rights.
const nobody = 65534

// account is the operating-system user the server runs as: this process's own,
// except for root, whom PostgreSQL refuses.
type account struct {
	uid, gid int
	name     string
	switched bool // another user than this process: needs credentials and chown
}

// accountFor picks the user for a home, which need not exist: as root its
// owner, so that data written by an ordinary user stays theirs, else the
// system's postgres user, else nobody.
func accountFor(dir string) (account, error) {
	self := account{uid: os.Geteuid(), gid: os.Getegid()}
	owner, exists, err := ownerOf(dir)
	switch {
	case err != nil:
		return account{}, err
	case self.uid != 0 && exists && owner.uid != self.uid:
		return account{}, fmt.Errorf("pgserver: %s belongs to user %s, but this program runs as user id %d: "+
			"start it as that user, or give the folder away with chown -R", dir, owner.name, self.uid)
	case self.uid != 0:
		return self, nil
	case exists && owner.uid != 0:
		owner.switched = true
		return owner, nil
	}
	return servant(), nil
}

func servant() account {
	if u, err := user.Lookup("postgres"); err == nil {
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err == nil && uid != 0 {
			return account{uid: uid, gid: gid, name: u.Username, switched: true}
		}
	}
	return account{uid: nobody, gid: nobody, name: "nobody", switched: true}
}

func ownerOf(path string) (a account, exists bool, err error) {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return account{}, false, nil
	}
	if err != nil {
		return account{}, false, fmt.Errorf("pgserver: %w", err)
	}
	sys := st.Sys().(*syscall.Stat_t)
	a = account{uid: int(sys.Uid), gid: int(sys.Gid), name: strconv.Itoa(int(sys.Uid))}
	if u, err := user.LookupId(a.name); err == nil {
		a.name = u.Username
	}
	return a, true, nil
}

// command prepares a program of the installation to run as the account, in dir.
// The environment is bare: PGDATA, PGOPTIONS and the like must not leak in.
func (a account) command(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for Kapok alone, which then stops its server
	if a.switched {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "HOME=/"}
}

// canRun reports whether the account can run the program and stand in dir. It
// tries it: permissions, mount options and access lists all have a say.
func (a account) canRun(program, dir string) bool {
	if !a.switched {
		return true
	}
	return a.command(dir, program, "--version").Run() == nil
}

// own gives a path to the account.
func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// ownTree gives everything under path to the account. It mends a cluster that
// root has copied or restored.
func (a account) ownTree(path string) error {
	if !a.switched {
		return nil
	}
	return filepath.WalkDir(path, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return a.own(p)
	})
}
