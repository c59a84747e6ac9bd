package attendance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var (
	testCodes = NewCodes([]byte("a secret of thirty-two bytes....")) // never used outside tests
	t0        = time.Date(2026, 10, 18, 1, 0, 0, 0, time.UTC)        // begins a span
	shiftOne  = uuid.MustParse("01981d3a-0000-7000-8000-000000000001")
	shiftTwo  = uuid.MustParse("01981d3a-0000-7000-8000-000000000002")
)

func TestACodeWorksInItsSpanAndTheNextOnly(t *testing.T) {
	t.Parallel()
	c := testCodes.Shift(shiftOne, t0)
	if !c.Until.Equal(t0.Add(Span)) {
		t.Errorf("until %v", c.Until)
	}
	for _, x := range []struct {
		after time.Duration
		want  error
	}{
		{0, nil}, {Span - 1, nil}, {Span, nil}, {2*Span - time.Millisecond, nil},
		{2 * Span, ErrCodeExpired}, {time.Hour, ErrCodeExpired}, {365 * 24 * time.Hour, ErrCodeExpired},
		{-time.Second, nil}, {-skew - time.Second, ErrCodeUnknown}, // another node's clock may be a little ahead, no more
	} {
		got, err := testCodes.ReadShift(c.Token, t0.Add(x.after))
		if !errors.Is(err, x.want) || (x.want == nil && (err != nil || got != shiftOne)) {
			t.Errorf("after %v: got %v, %v", x.after, got, err)
		}
		if fits := testCodes.ShiftDigitsFit(shiftOne, c.Digits, t0.Add(x.after)); fits != (x.want == nil) {
			t.Errorf("digits after %v: %v", x.after, fits)
		}
	}
}

func TestACodeIsForItsOwnShiftKeyAndUse(t *testing.T) {
	t.Parallel()
	c := testCodes.Shift(shiftOne, t0)
	if testCodes.ShiftDigitsFit(shiftTwo, c.Digits, t0) {
		t.Error("digits fit another shift")
	}
	if _, err := NewCodes([]byte("another secret of thirty-two b..")).ReadShift(c.Token, t0); !errors.Is(err, ErrCodeUnknown) {
		t.Errorf("another key: %v", err)
	}
	if _, err := testCodes.ReadCard(c.Token, t0); !errors.Is(err, ErrCodeUnknown) {
		t.Errorf("a shift's code as a card: %v", err)
	}
	if testCodes.CardDigitsFit(shiftOne, c.Digits, t0) || testCodes.Card(shiftOne, t0).Digits[2:] == c.Digits {
		t.Error("digits of shift and card are related")
	}
}

// Every bit of a token counts.
func TestAChangedTokenIsRefused(t *testing.T) {
	t.Parallel()
	token := testCodes.Shift(shiftOne, t0).Token
	for i := range token {
		for _, r := range "Aa0_-=" {
			changed := token[:i] + string(r) + token[i+1:]
			if _, err := testCodes.ReadShift(changed, t0); changed != token && !errors.Is(err, ErrCodeUnknown) {
				t.Errorf("changed at %d: %v", i, err)
			}
		}
	}
}

func TestDigitsSpreadEvenly(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i := range 2000 {
		d := testCodes.Shift(shiftOne, t0.Add(time.Duration(i)*Span)).Digits
		if len(d) != shiftDigits {
			t.Fatalf("%q", d)
		}
		seen[d] = true
	}
	if len(seen) < 1990 { // about two of 2000 meet by chance
		t.Errorf("only %d different", len(seen))
	}
}

func TestATicketIsForItsPersonAndAFewMinutes(t *testing.T) {
	t.Parallel()
	me, you := uuid.New(), uuid.New()
	ticket := testCodes.Ticket(shiftOne, me, Digits, t0)
	shift, m, err := testCodes.ReadTicket(ticket, me, t0.Add(ticketLife))
	if err != nil || shift != shiftOne || m != Digits {
		t.Errorf("got %v %v %v", shift, m, err)
	}
	for name, read := range map[string]func() error{
		"another person": func() error { _, _, err := testCodes.ReadTicket(ticket, you, t0); return err },
		"as another method": func() error {
			_, _, err := testCodes.ReadTicket(strings.TrimSuffix(ticket, "d")+"q", me, t0)
			return err
		},
		"as a code": func() error { _, err := testCodes.ReadShift(ticket[:len(ticket)-1], t0); return err },
	} {
		if err := read(); !errors.Is(err, ErrCodeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := testCodes.ReadTicket(ticket, me, t0.Add(ticketLife+time.Second)); !errors.Is(err, ErrCodeExpired) {
		t.Errorf("later: %v", err)
	}
}

func TestReadTyped(t *testing.T) {
	t.Parallel()
	token := testCodes.Shift(shiftOne, t0).Token
	for in, want := range map[string]Typed{
		"https://kapok.example/c/" + token:              {Token: token},
		"https://kapok.example/c/" + token + "?lang=en": {Token: token},
		" " + token + "\n":                              {Token: token},
		"123456":                                        {Digits: "123456"},
		"123 456":                                       {Digits: "123456"},
		"１２３４５６":                                        {Digits: "123456"},
		"1234-5678":                                     {Digits: "12345678"},
		"12345":                                         {}, "1234567": {}, "12345a": {}, "": {}, "https://evil.example/": {}, strings.Repeat("1", 600): {}, "१२३४५६": {},
	} {
		if got := ReadTyped(in); got != want {
			t.Errorf("%q: got %+v want %+v", in, got, want)
		}
	}
}

func FuzzReadTyped(f *testing.F) {
	f.Add("https://kapok.example/c/" + testCodes.Shift(shiftOne, t0).Token)
	f.Add("１２３ 456")
	f.Fuzz(func(t *testing.T, s string) {
		got := ReadTyped(s)
		if got.Token != "" && len(got.Token) != encoding.EncodedLen(tokenSize) {
			t.Errorf("token %q", got.Token)
		}
		for _, r := range got.Digits {
			if r < '0' || r > '9' {
				t.Errorf("digits %q", got.Digits)
			}
		}
		if again := ReadTyped(got.Token + got.Digits); again != got {
			t.Errorf("not stable: %+v then %+v", got, again)
		}
	})
}

// Nothing but what was sealed opens, whatever is read.
func FuzzTokens(f *testing.F) {
	person := uuid.MustParse("01981d3a-0000-7000-8000-00000000000a")
	good := map[string]bool{testCodes.Shift(shiftOne, t0).Token: true, testCodes.Card(person, t0).Token: true,
		testCodes.Ticket(shiftOne, person, QR, t0): true}
	for token := range good {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, errShift := testCodes.ReadShift(s, t0)
		_, errCard := testCodes.ReadCard(s, t0)
		_, _, errTicket := testCodes.ReadTicket(s, person, t0)
		if !good[s] && (errShift == nil || errCard == nil || errTicket == nil) {
			t.Errorf("%q was accepted", s)
		}
	})
}

func TestCodesAtAnyMoment(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		made := t0.Add(time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, "made")))
		age := time.Duration(rapid.Int64Range(0, int64(3*Span)).Draw(t, "age"))
		c := testCodes.Shift(shiftOne, made)
		_, err := testCodes.ReadShift(c.Token, made.Add(age))
		if over := !made.Add(age).Before(c.Until.Add(Span)); over != (err != nil) {
			t.Fatalf("made %v, read %v later, shown until %v: %v", made, age, c.Until, err)
		}
	})
}
