package pgserver

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
)

const (
	tailLines   = 12
	longestLine = 4096
)

// output takes what PostgreSQL prints, a line at a time: into the log, and the
// last lines kept for an error text.
type output struct {
	log  *slog.Logger
	mu   sync.Mutex
	part []byte
	last []string
}

func newOutput(log *slog.Logger) *output { return &output{log: log} }

// Write implements io.Writer; it never fails.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.part = append(o.part, b...)
	for {
		i := bytes.IndexByte(o.part, '\n')
		if i < 0 && len(o.part) <= longestLine {
			return len(b), nil
		}
		if i < 0 {
			i = longestLine
		}
		o.line(strings.TrimSpace(string(o.part[:i])))
		o.part = o.part[min(i+1, len(o.part)):]
	}
}

func (o *output) line(text string) {
	if text == "" {
		return
	}
	o.last = append(o.last, text)
	if len(o.last) > tailLines {
		o.last = o.last[1:]
	}
	level, text := severity(text)
	o.log.Log(context.Background(), level, "PostgreSQL says", "text", text)
}

// tail is the end of the output as one line.
func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(append(o.last[:len(o.last):len(o.last)], string(o.part)), "; ")
}

// severity reads PostgreSQL's word for how bad a line is. FATAL ends a
// connection, not the server (who connects too early, or stays too long, gets
// one), and its client is told.
func severity(line string) (slog.Level, string) {
	word, rest, found := strings.Cut(line, ": ")
	if !found {
		return slog.LevelDebug, line
	}
	level, known := map[string]slog.Level{
		"PANIC": slog.LevelError, "ERROR": slog.LevelWarn, "WARNING": slog.LevelWarn,
		"FATAL": slog.LevelDebug, "LOG": slog.LevelDebug, "HINT": slog.LevelDebug,
	}[word]
	if !known {
		return slog.LevelDebug, line
	}
	return level, strings.TrimSpace(rest)
}
