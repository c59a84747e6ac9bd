// Command serve shows the gallery of components on 127.0.0.1, for whoever
// designs: go run ./internal/ui/gallery/serve [address].
package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"kapok/internal/ui"
	"kapok/internal/ui/gallery"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if err := ui.CheckAssets(); err != nil {
		return err
	}
	addr := "127.0.0.1:8090"
	if len(args) > 0 {
		addr = args[0]
	}
	for path := range gallery.Pages() {
		fmt.Printf("http://%s%s\n", addr, path)
	}
	return http.ListenAndServe(addr, gallery.Site(slog.Default()))
}
