package region

import (
	"strings"
	"testing"
)

// The prefix must say the same as the tree, for every real division.
func TestPrefixAgreesWithTree(t *testing.T) {
	t.Parallel()
	r, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	list, err := readCSV(r)
	if err != nil {
		t.Fatal(err)
	}
	tree := NewTree(list)
	tops := []string{"440000", "440100", "440104", "441900", "441900003", "810000", "810001", "820000", "820008"}
	for _, top := range tops {
		for _, d := range list {
			if got, want := strings.HasPrefix(d.Code, Prefix(top)), tree.Within(top, d.Code); got != want {
				t.Fatalf("%s below %s: prefix says %v, tree says %v", d.Code, top, got, want)
			}
		}
	}
}
