package fault

import (
	"errors"
	"fmt"
	"testing"
)

var errTest = Define(Conflict, "fault_test.one")

func TestErrorsCompareByCodeAndKeepTheirCause(t *testing.T) {
	cause := errors.New("db down")
	err := fmt.Errorf("while signing up: %w", errTest.With("n", 3).Because(cause))
	if !errors.Is(err, errTest) {
		t.Error("wrapped error with arguments no longer equals its definition")
	}
	if !errors.Is(err, cause) {
		t.Error("cause lost")
	}
	if errTest.Args != nil || errTest.cause != nil {
		t.Error("With or Because changed the definition itself")
	}
}

func TestDefineRefusesASecondUse(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a code could be defined twice")
		}
	}()
	Define(Invalid, "fault_test.one")
}

func TestForeignErrorsBecomeInternal(t *testing.T) {
	e := As(errors.New("pq: password=secret"))
	if e.Kind != Internal || e.Code != "kit.internal" {
		t.Errorf("got %v %v", e.Kind, e.Code)
	}
}

func TestCheckCollectsAllFields(t *testing.T) {
	var c Check
	if c.Err() != nil {
		t.Fatal("empty check is an error")
	}
	c.Add("name", nil)
	c.Must(false, "name", ErrRequired)
	var inner Check
	inner.Add("phone", ErrBadValue)
	if err := c.Merge(inner.Err()); err != nil {
		t.Fatal(err)
	}
	if err := c.Merge(errTest); !errors.Is(err, errTest) {
		t.Error("Merge swallowed an error without fields")
	}
	if got := As(c.Err()).Error(); got != "kit.invalid name:kit.required phone:kit.bad_value" {
		t.Errorf("got %q", got)
	}
}
