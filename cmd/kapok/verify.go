package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"kapok/internal/certificate"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/sign"
)

// runVerify checks certificate files without a network. It exits 0 when all
// are good, 1 when one is not, 2 when one cannot be read or the usage is wrong.
func runVerify(_ context.Context, args []string, stdout, stderr io.Writer) int {
	var keyFiles, lang, data string
	fs := flag.NewFlagSet("kapok verify", flag.ContinueOnError)
	fs.StringVar(&keyFiles, "keys", "", "file of trusted keys (JWK or JWK Set), several separated by commas; default: DATA/keys/*.pub.json")
	fs.StringVar(&data, "data", "", "data folder of a Kapok node, for its keys (default ./data)")
	fs.StringVar(&lang, "lang", "", "zh-Hans, zh-Hant or en (default: the language of the environment)")
	files, code, ok := parseMixed(fs, args, stderr)
	if !ok {
		return code
	}
	if len(files) == 0 {
		fmt.Fprintln(stderr, "usage: kapok verify FILE… [--keys FILE] [--lang LANG]")
		return exitUsage
	}
	keys, err := trustedKeys(keyFiles, data)
	if err != nil {
		fmt.Fprintln(stderr, "kapok verify:", err)
		return exitUsage
	}
	worst := exitGood
	for _, file := range files {
		worst = max(worst, verifyOne(file, keys, language(lang, os.Getenv), stdout, stderr))
	}
	return worst
}

// parseMixed reads flags that stand before, between and behind the files.
func parseMixed(fs *flag.FlagSet, args []string, stderr io.Writer) (files []string, code int, ok bool) {
	for {
		if code, ok := parse(fs, args, stderr); !ok {
			return nil, code, false
		}
		if fs.NArg() == 0 {
			return files, 0, true
		}
		files, args = append(files, fs.Arg(0)), fs.Args()[1:]
	}
}

func trustedKeys(files, data string) (sign.KeySet, error) {
	if files != "" {
		keys := sign.KeySet{}
		for _, file := range strings.Split(files, ",") {
			more, err := sign.LoadKeyFile(file)
			if err != nil {
				return nil, err
			}
			keys.Add(more)
		}
		return keys, nil
	}
	if data == "" {
		c, err := conf.Load(os.Getenv("KAPOK_CONFIG"), os.Environ())
		if err != nil {
			return nil, err
		}
		data = c.Data
	}
	return sign.LoadKeys(filepath.Join(data, "keys"))
}

// language follows --lang, else the environment as POSIX has it; without any,
// English, which every terminal shows.
func language(flag string, env func(string) string) i18n.Lang {
	if l, ok := i18n.Parse(flag); ok {
		return l
	}
	locale := cmp.Or(env("LC_ALL"), env("LC_MESSAGES"), env("LANG"), "C")
	locale, _, _ = strings.Cut(locale, ".")
	if locale == "C" || locale == "POSIX" {
		return i18n.En
	}
	return i18n.Match(strings.ReplaceAll(locale, "_", "-"))
}

func verifyOne(path string, keys sign.KeySet, l i18n.Lang, stdout, stderr io.Writer) int {
	file, err := os.Open(path)
	if err != nil {
		fmt.Fprintln(stderr, "kapok verify:", err)
		return exitUsage
	}
	defer file.Close()
	report, err := certificate.VerifyFile(file, keys)
	if err != nil {
		fmt.Fprintf(stderr, "kapok verify: %s: %v\n", path, err)
		return exitUsage
	}
	mark, code := "✗", exitBad
	if report.Finding == certificate.Good {
		mark, code = "✓", exitGood
	}
	lines := report.Lines(l)
	fmt.Fprintf(stdout, "%s %s\n  %s\n", mark, path, strings.Join(lines, "\n  "))
	return code
}
