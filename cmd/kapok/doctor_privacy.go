package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"kapok/internal/kit/i18n"
	"kapok/internal/privacy"
)

// runDoctorPrivacy prints the register of personal data, with its columns.
func runDoctorPrivacy(_ context.Context, args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("kapok doctor privacy", flag.ContinueOnError)
	lang := fs.String("lang", string(i18n.ZhHans), "zh-Hans, zh-Hant or en")
	if code, ok := parse(fs, args, stderr); !ok {
		return code
	}
	l := i18n.Lang(*lang)
	for _, i := range privacy.Register {
		fmt.Fprintf(stdout, "%s (%s, %s)\n  %s\n  %s · %s · %s\n", i.Name(l), i.Code, i.KindText(l), i.Why(l), i.BasisText(l), i.KeepText(l), i.SeenText(l))
		for _, line := range i.Columns {
			fmt.Fprintf(stdout, "  %s\n", strings.Join(strings.Fields(line), " "))
		}
		fmt.Fprintln(stdout)
	}
	return exitGood
}
