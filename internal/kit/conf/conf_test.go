package conf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "kapok.toml")
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefaultsAreUsable(t *testing.T) {
	c, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Base() != "http://127.0.0.1:8080" {
		t.Errorf("base %q", c.Base())
	}
}

func TestFileThenEnvironment(t *testing.T) {
	p := write(t, "listen = \"0.0.0.0:80\"\nconnections = 40\n")
	c, err := Load(p, []string{"KAPOK_CONNECTIONS=50", "KAPOK_TRUST_PROXY=true", "HOME=/x", "KAPOK_TEST_PG=15"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "0.0.0.0:80" || c.Connections != 50 || !c.TrustProxy {
		t.Errorf("got %+v", c)
	}
}

func TestUnknownAndWrongSettingsAreRefused(t *testing.T) {
	for name, load := range map[string]func() (Config, error){
		"unknown key":  func() (Config, error) { return Load(write(t, "lisen = \"x\""), nil) },
		"unknown env":  func() (Config, error) { return Load("", []string{"KAPOK_LISEN=x"}) },
		"not a number": func() (Config, error) { return Load("", []string{"KAPOK_CONNECTIONS=many"}) },
		"no port":      func() (Config, error) { return Load("", []string{"KAPOK_LISTEN=localhost"}) },
		"no file":      func() (Config, error) { return Load("/nowhere/kapok.toml", nil) },
		"bad url":      func() (Config, error) { return Load("", []string{"KAPOK_PUBLIC_URL=javascript:1"}) },
	} {
		if _, err := load(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := Load("", []string{"KAPOK_LISTEN=x", "KAPOK_LOG_LEVEL=loud"})
	if err == nil || !strings.Contains(err.Error(), "listen") || !strings.Contains(err.Error(), "log_level") {
		t.Errorf("got %v", err)
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	c := Default()
	c.DatabaseFile = write(t, "postgres://u:p@h/d\n")
	if u, err := c.DatabaseURL(); err != nil || u != "postgres://u:p@h/d" {
		t.Errorf("got %q %v", u, err)
	}
	for _, row := range c.Describe() {
		if strings.Contains(row[1], "u:p") {
			t.Error("a secret is shown")
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("listen = \"a:1\"")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Load(write(t, text), nil)
		if err == nil && c.Validate() != nil {
			t.Error("Load accepted what Validate refuses")
		}
	})
}
