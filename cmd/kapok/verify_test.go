package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kapok/internal/certificate"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/sign"
)

// certified writes a certificate in both forms into a new data folder.
func certified(t *testing.T) (data, pdfFile, jsonFile string) {
	t.Helper()
	data = t.TempDir()
	signer, err := sign.OpenFile(filepath.Join(data, "keys"), "certificate")
	if err != nil {
		t.Fatal(err)
	}
	fonts, err := pdf.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	s := certificate.New(certificate.Deps{Signer: signer, Fonts: fonts})
	c := certificate.Certificate{Status: certificate.Valid, Number: "K26-7QX4-M2D9-H", Statement: certificate.Statement{
		Schema: certificate.Schema, Number: "K26-7QX4-M2D9-H", Language: i18n.ZhHans, Minutes: 90, Times: 1,
		Holder: certificate.Holder{Shown: certificate.FullName, Name: "张三"}, Content: []string{"社区服务"},
		Period: certificate.Period{From: "2026-03-01", To: "2026-03-01"}, Units: []certificate.Share{{Name: "霞山区志愿者联合会"}},
		IssuedAt: time.Date(2026, 11, 2, 4, 0, 0, 0, time.UTC), Issuer: "志愿广东",
		Verify: "https://kapok.example/verify/K26-7QX4-M2D9-H", Key: signer.Key().ID,
	}}
	message, err := c.Statement.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if c.Signature, err = signer.Sign(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	inPDF, err1 := s.PDF(t.Context(), c)
	inJSON, err2 := s.JSON(c)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	pdfFile, jsonFile = filepath.Join(data, "c.pdf"), filepath.Join(data, "c.json")
	write(t, pdfFile, inPDF)
	write(t, jsonFile, inJSON)
	return data, pdfFile, jsonFile
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = runVerify(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestVerify(t *testing.T) {
	t.Parallel()
	data, pdfFile, jsonFile := certified(t)
	other, _, _ := certified(t)
	broken := filepath.Join(data, "broken.pdf")
	content, err := os.ReadFile(pdfFile)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	write(t, broken, content)
	keys, err := filepath.Glob(filepath.Join(data, "keys", "*.pub.json"))
	if err != nil || len(keys) != 1 {
		t.Fatalf("public keys %v, %v", keys, err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--data", data, "--lang", "zh-Hans", pdfFile, jsonFile}, exitGood, "签名正确"},
		{[]string{"--data", data, "--lang", "zh-Hant", jsonFile}, exitGood, "簽名正確"},
		{[]string{"--lang", "en", pdfFile, "--keys", keys[0]}, exitGood, "The signature is right"},
		{[]string{"--data", data, "--lang", "en", pdfFile, broken}, exitBad, "Not to be trusted"},
		{[]string{"--data", other, "--lang", "en", pdfFile}, exitBad, "--keys"},
		{[]string{"--data", t.TempDir(), "--lang", "en", jsonFile}, exitBad, "--keys"},
		{[]string{"--data", data, "--lang", "en", keys[0]}, exitBad, "no certificate"},
		{[]string{"--data", data, filepath.Join(data, "absent.pdf"), pdfFile}, exitUsage, "absent.pdf"},
		{[]string{"--data", data, data}, exitUsage, "kapok verify:"},
		{[]string{"--keys", broken, pdfFile}, exitUsage, "kapok verify:"},
		{[]string{"--nonsense", pdfFile}, exitUsage, "nonsense"},
		{nil, exitUsage, "usage"},
	} {
		code, stdout, stderr := verify(t, c.args...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%q: exit %d, want %d with %q\n%s%s", c.args, code, c.code, c.says, stdout, stderr)
		}
	}
}

func TestVerifyLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flag string
		env  map[string]string
		want i18n.Lang
	}{
		{"zh-Hant", map[string]string{"LANG": "en_GB.UTF-8"}, i18n.ZhHant},
		{"", map[string]string{"LANG": "zh_CN.UTF-8"}, i18n.ZhHans},
		{"", map[string]string{"LANG": "zh_HK.UTF-8"}, i18n.ZhHant},
		{"", map[string]string{"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, i18n.En},
		{"", map[string]string{"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, i18n.En},
		{"", nil, i18n.En},
	} {
		if got := language(c.flag, func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%q %v: %s, want %s", c.flag, c.env, got, c.want)
		}
	}
}
