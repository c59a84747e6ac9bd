package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"kapok/internal/ui"
)

// pageSize is what a browser that takes gzip and brotli loads for the first
// page of the list, as it comes over the wire, headers apart.
func (b *searchBench) pageSize(ctx context.Context) (Result, error) {
	sum := 0
	for _, path := range []string{"/activities", ui.Asset("app.css"), ui.Asset("app.js")} {
		n, encoding, err := wireSize(ctx, "http://"+b.large.Addr+path)
		if err != nil {
			return Result{}, fmt.Errorf("search.page_kb: %w", err)
		}
		b.logf("search.page_kb: %s %d bytes, encoding %q", path, n, encoding)
		sum += n
	}
	return compare("search.page_kb", "kB", []float64{float64(sum) / 1000}, nil, 100, Lower, 1), nil
}

func wireSize(ctx context.Context, address string) (n int, encoding string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Accept-Encoding", "gzip, br") // by hand, so that nothing is unpacked
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("%s: %s", address, answer.Status)
	}
	body, err := io.ReadAll(answer.Body)
	return len(body), answer.Header.Get("Content-Encoding"), err
}
