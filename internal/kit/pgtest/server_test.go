package pgtest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseChoice(t *testing.T) {
	t.Parallel()
	for choice, want := range map[string]struct {
		major   int
		address string
		fails   bool
	}{
		"":                              {major: 18},
		"15":                            {major: 15},
		"postgres://u:p@host/postgres":  {address: "postgres://u:p@host/postgres"},
		"postgresql:///db?host=/run/pg": {address: "postgresql:///db?host=/run/pg"},
		"mysql://host":                  {fails: true},
		"fifteen":                       {fails: true},
		"-1":                            {fails: true},
	} {
		major, address, err := parseChoice(choice)
		if major != want.major || address != want.address || (err != nil) != want.fails {
			t.Errorf("%q: %d, %q, %v", choice, major, address, err)
		}
	}
}

func TestMissingServerSaysHowToMend(t *testing.T) {
	t.Parallel()
	for choice, want := range map[string]string{
		"99": "make deps",
		"x":  "KAPOK_TEST_PG",
		"postgres://secret:word@127.0.0.1:1/postgres": "does not answer",
	} {
		_, err := connect(limited(t), choice)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "word") {
			t.Errorf("%q: %v", choice, err)
		}
	}
}

// TestServerByURL makes a database on a server that was given by its URL.
func TestServerByURL(t *testing.T) {
	t.Parallel()
	known, err := connected()
	if err != nil {
		t.Fatal(err)
	}
	s, err := connect(limited(t), known.url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.admin.Close()
	name := cloneName(t.Name(), time.Now())
	if err := s.create(limited(t), name, "template0"); err != nil {
		t.Fatal(err)
	}
	if err := s.finish(limited(t), t, name, false); err != nil {
		t.Error(err)
	}
}

func TestTemplateIsMadeOnce(t *testing.T) {
	t.Parallel()
	s, err := connected()
	if err != nil {
		t.Fatal(err)
	}
	name := cloneName(t.Name(), time.Now())
	t.Cleanup(func() { dropTemplate(t, s, name) })
	err = s.ensureTemplate(limited(t), name, func(context.Context, string) error { return errors.New("bad migration") })
	if err == nil || !strings.Contains(err.Error(), "bad migration") {
		t.Errorf("error: %v", err)
	}
	var fills atomic.Int32
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			err := s.ensureTemplate(limited(t), name, func(context.Context, string) error { fills.Add(1); return nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if fills.Load() != 1 {
		t.Errorf("filled %d times, want once", fills.Load())
	}
}

func dropTemplate(t *testing.T, s *server, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.exec(ctx, "ALTER DATABASE "+quote(name)+" IS_TEMPLATE false")
	if err := errors.Join(err, s.drop(ctx, name)); err != nil {
		t.Error(err)
	}
}

func TestCloneName(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	name := cloneName("TestSignUp/报名 满员"+strings.Repeat("x", 200), now)
	if !strings.HasPrefix(name, "t_1800000000_testsignup_") || len(name) > 63 {
		t.Errorf("name %q (%d bytes)", name, len(name))
	}
	if at, ok := madeAt(name); !ok || !at.Equal(now) {
		t.Errorf("made at %v, %v", at, ok)
	}
	for _, other := range []string{"kapok", "postgres", "t_", "t_x_1", templatePrefix + "12"} {
		if _, ok := madeAt(other); ok {
			t.Errorf("%s was taken for a clone", other)
		}
	}
}

func TestUnwanted(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	got := unwanted([]database{
		{"t_1799999999_lost_a", false, ""},
		{"t_1799999999_kept_b", false, keptComment},
		{"t_1700000000_keptlong_c", false, keptComment},
		{"template_6", true, ""},
		{"template_5", false, ""}, // half-made
		{"template_4", true, ""},
		{"template_3", true, ""},
		{"kapok", false, ""},
		{"postgres", false, ""},
		{"template1", true, ""},
		{"template0", true, ""},
	}, now)
	want := []string{"t_1799999999_lost_a", "t_1700000000_keptlong_c", "template_5", "template_3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
