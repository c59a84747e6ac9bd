// Package conf reads Kapok's configuration: defaults, then one strict TOML
// file, then KAPOK_… variables, then flags (which the caller applies).
//
// Owns: the settings, their defaults and their rules.
// Invariants: every default is usable; an unknown key or variable is an error;
// secrets come from files, never from values.
// Not here: what a setting does (cmd/kapok wires it).
package conf

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Config is all settings. The doc tag is what `kapok doctor` and docs/operations
// print; the env name is KAPOK_ + the key in capitals.
type Config struct {
	Listen       string `toml:"listen" doc:"address of the site"`
	Operator     string `toml:"operator" doc:"address of metrics and profiles, for the operator only; off: none"`
	Data         string `toml:"data" doc:"folder of keys, outbox and the private database"`
	DatabaseFile string `toml:"database_file" doc:"file holding the URL of a PostgreSQL 15+; empty: a private one is started"`
	PublicURL    string `toml:"public_url" doc:"address people see, used in links, QR codes and certificates; empty: http:// and listen"`
	Connections  int    `toml:"connections" doc:"most database connections of this process"`
	LogLevel     string `toml:"log_level" doc:"debug, info, warn or error"`
	LogFormat    string `toml:"log_format" doc:"text or json"`
	OTLP         string `toml:"otlp" doc:"URL of an OpenTelemetry collector (OTLP over HTTP); empty: no traces"`
	KeyProgram   string `toml:"key_program" doc:"program that holds the master key (HSM); empty: a file in data/keys"`
	HolidaysFile string `toml:"holidays_file" doc:"CSV of holidays and shifted working days; empty: the built-in ones"`
	TrustProxy   bool   `toml:"trust_proxy" doc:"take the client's address from X-Forwarded-For"`

	SMTPHost         string `toml:"smtp_host" doc:"mail server; empty: mails are written to data/outbox"`
	SMTPPort         int    `toml:"smtp_port" doc:"port of the mail server"`
	SMTPUser         string `toml:"smtp_user" doc:"user of the mail server; empty: no sign-in"`
	SMTPPasswordFile string `toml:"smtp_password_file" doc:"file holding the password of the mail server"`
	SMTPFrom         string `toml:"smtp_from" doc:"sender of mails"`
	SMTPTLS          string `toml:"smtp_tls" doc:"starttls, tls or none (only for a server on this machine)"`

	StaffSecondFactor bool `toml:"staff_second_factor" doc:"roles of staff count only with a second factor; false: a small trial without"`

	IdentityProviders IdentityProviders `toml:"identity_providers" doc:"OpenID providers that vouch for people, one table each; only in the file"`
}

// Default is a configuration that works as it is.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8080", Operator: "127.0.0.1:9464", Data: "./data", Connections: 24,
		LogLevel: "info", LogFormat: "text", SMTPPort: 587, SMTPFrom: "noreply@localhost", SMTPTLS: "starttls",
		StaffSecondFactor: true,
	}
}

// Load reads the file (when path is not empty) and the environment (as
// os.Environ gives it) over the defaults.
func Load(path string, environ []string) (Config, error) {
	c := Default()
	if path != "" {
		meta, err := toml.DecodeFile(path, &c)
		if err != nil {
			return c, fmt.Errorf("configuration %s: %w", path, err)
		}
		if keys := meta.Undecoded(); len(keys) > 0 {
			return c, fmt.Errorf("configuration %s: unknown key %q; known are %s", path, keys[0].String(), strings.Join(Keys(), ", "))
		}
	}
	if err := c.fromEnv(environ); err != nil {
		return c, err
	}
	return c, c.Validate()
}

// ownEnv are variables of tests and the build, not settings.
var ownEnv = []string{"KAPOK_CONFIG", "KAPOK_TEST_PG", "KAPOK_TEST_KEEP"}

func (c *Config) fromEnv(environ []string) error {
	v := reflect.ValueOf(c).Elem()
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "KAPOK_") || slices.Contains(ownEnv, name) {
			continue
		}
		i := slices.Index(Keys(), strings.ToLower(strings.TrimPrefix(name, "KAPOK_")))
		if i < 0 {
			return fmt.Errorf("environment: unknown setting %s", name)
		}
		if err := set(v.Field(i), value); err != nil {
			return fmt.Errorf("environment: %s: %w", name, err)
		}
	}
	return nil
}

func set(f reflect.Value, value string) error {
	switch f.Kind() {
	case reflect.Int:
		n, err := strconv.Atoi(value)
		if err != nil {
			return errors.New("not a whole number")
		}
		f.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return errors.New("not true or false")
		}
		f.SetBool(b)
	case reflect.String:
		f.SetString(value)
	default:
		return errors.New("can only be set in the file")
	}
	return nil
}

// Keys lists the names of all settings in order.
func Keys() []string {
	t := reflect.TypeFor[Config]()
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = t.Field(i).Tag.Get("toml")
	}
	return keys
}

// Validate checks every setting and reports all faults at once.
func (c Config) Validate() error {
	var errs []error
	bad := func(ok bool, key, why string) {
		if !ok {
			errs = append(errs, fmt.Errorf("configuration: %s: %s", key, why))
		}
	}
	_, _, err := net.SplitHostPort(c.Listen)
	bad(err == nil, "listen", "want host:port")
	if c.Operator != "off" {
		_, _, err = net.SplitHostPort(c.Operator)
		bad(err == nil, "operator", "want host:port or off")
	}
	bad(c.Data != "", "data", "want a folder")
	bad(c.Connections >= 4 && c.Connections <= 500, "connections", "want 4 to 500")
	bad(slices.Contains([]string{"debug", "info", "warn", "error"}, c.LogLevel), "log_level", "want debug, info, warn or error")
	bad(slices.Contains([]string{"text", "json"}, c.LogFormat), "log_format", "want text or json")
	bad(slices.Contains([]string{"starttls", "tls", "none"}, c.SMTPTLS), "smtp_tls", "want starttls, tls or none")
	bad(c.PublicURL == "" || isHTTP(c.PublicURL), "public_url", "want http:// or https://, a host and no path")
	bad(c.OTLP == "" || isHTTP(c.OTLP), "otlp", "want http:// or https:// and a host")
	c.IdentityProviders.validate(bad)
	return errors.Join(errs...)
}

func isHTTP(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// DatabaseURL reads the URL from its file; "" when a private server is wanted.
func (c Config) DatabaseURL() (string, error) { return secret(c.DatabaseFile) }

// SMTPPassword reads the password from its file; "" when there is none.
func (c Config) SMTPPassword() (string, error) { return secret(c.SMTPPasswordFile) }

func secret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// Base is the address people see, without a trailing slash.
func (c Config) Base() string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	return "http://" + c.Listen
}

// Describe lists key, value and meaning of every setting. No setting holds a
// secret, only files that do, so all can be shown.
func (c Config) Describe() [][3]string {
	v, t := reflect.ValueOf(c), reflect.TypeFor[Config]()
	out := make([][3]string, t.NumField())
	for i := range out {
		out[i] = [3]string{t.Field(i).Tag.Get("toml"), fmt.Sprint(v.Field(i)), t.Field(i).Tag.Get("doc")}
	}
	return out
}
