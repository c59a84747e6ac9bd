package main

import (
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"kapok/internal/app"
	"kapok/internal/audit"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/obs"
)

// examinations are the parts that doctor can look at more closely.
var examinations = map[string]func(ctx context.Context, args []string, stdout, stderr io.Writer) int{
	"audit": runDoctorAudit, "permissions": runDoctorPermissions, "privacy": runDoctorPrivacy,
}

// runDoctorAudit goes through the whole chain of the audit.
func runDoctorAudit(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s settings
	fs := flag.NewFlagSet("kapok doctor audit", flag.ContinueOnError)
	s.flags(fs)
	noted := fs.String("head", "", "SEQ:HASH noted earlier, which must be in the chain: shows an end that was cut off")
	if code, ok := parse(fs, args, stderr); !ok {
		return code
	}
	head, err := parseHead(*noted)
	if err != nil {
		return usageError(stderr, err)
	}
	r, err := checkChain(ctx, s, head)
	if err != nil {
		return usageError(stderr, err)
	}
	if r.Broken != "" {
		fmt.Fprintf(stdout, "✗ the audit is broken at entry %d: %s\n  → keep this database as it is; compare it with a backup from before\n", r.Entry, r.Broken)
		return exitBad
	}
	if r.From > 0 {
		fmt.Fprintf(stdout, "  seals up to %d are older than %d years and were deleted\n", r.From, audit.Keep)
	}
	fmt.Fprintf(stdout, "✓ the audit is whole: %d entries sealed, %d of the last seconds not yet\n  head %s\n", r.Checked, r.Unsealed, r.Head)
	return exitGood
}

func checkChain(ctx context.Context, s settings, head audit.Head) (audit.Report, error) {
	c, err := s.load()
	if err != nil {
		return audit.Report{}, err
	}
	log := obs.Logger(io.Discard, "error", "text")
	db, err := s.join(ctx, c, log)
	if err != nil {
		return audit.Report{}, err
	}
	defer db.close()
	keys, err := crypt.Open(filepath.Join(c.Data, "keys"))
	if err != nil {
		return audit.Report{}, err
	}
	chain := audit.Chain{Pool: db.Pool, Key: app.AuditKey(keys), Log: log}
	return chain.Check(ctx, head)
}

// parseHead reads what Head.String wrote; "" is none.
func parseHead(s string) (audit.Head, error) {
	if s == "" {
		return audit.Head{}, nil
	}
	number, sum, _ := strings.Cut(s, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	hash, bad := hex.DecodeString(sum)
	if err != nil || bad != nil || len(hash) != 32 || seq < 1 {
		return audit.Head{}, errors.New("--head is SEQ:HASH as doctor audit prints it")
	}
	return audit.Head{Seq: seq, Hash: hash}, nil
}
