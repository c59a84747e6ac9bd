package sign

import (
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"
)

// Canonical writes a value as the one JSON text that RFC 8785 allows for it:
// names sorted, no blanks, numbers and strings in one spelling. What is signed
// is these bytes. Values must hold no floats and no integer beyond 2^53.
func Canonical(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	out, err := jcs.Transform(raw)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return out, nil
}
