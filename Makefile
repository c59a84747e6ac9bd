# Kapok. `make help` lists what there is to make.
#
# What is fetched and built is remembered by the time of a file, so that a
# second `make run` starts at once.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

ARGS ?=
BENCHMARKS ?= signup search people

# Everything the program is compiled from, but for what is built below.
# Folders count too: theirs is the time of a file removed.
SOURCES := $(shell find cmd db internal ! -name '*_test.go' ! -path '*/testdata*' \
	! -path 'internal/ui/dist*' ! -path 'internal/kit/pdf/fonts*')
TEMPLATES := $(shell find internal -name '*.templ')
PAGES     := $(TEMPLATES:.templ=_templ.go)
WEB       := $(shell find web -type f ! -path 'web/node_modules/*')

POSTGRES := tools/node_modules/.package-lock.json
ASSETS   := internal/ui/dist/manifest.json
FONTS    := internal/kit/pdf/fonts/kai-rare.ttf
BUILT    := $(ASSETS) $(FONTS) $(PAGES)

NPM_CI := npm ci --no-audit --no-fund --ignore-scripts --loglevel=error --prefix

.PHONY: help run build deps deps-test generate test test-pg15 test-race test-browser check \
	check-generated lint vulncheck bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## fetch, build and start with a generated year of life (ARGS="--listen …")
	@exec bin/kapok serve --demo $(ARGS)

build: bin/kapok $(POSTGRES) ## make bin/kapok and fetch its private PostgreSQL

bin/kapok: $(SOURCES) $(BUILT) go.mod go.sum
	@tools/need go
	go build -o $@ ./cmd/kapok

# --- what comes from outside -------------------------------------------------

deps: $(POSTGRES) web/node_modules/.package-lock.json tools/fonts/node_modules/.package-lock.json ## fetch what building needs
	@tools/need go

deps-test: deps ## as root, install Chromium and PostgreSQL 15 for the tests; else say what is missing
	@tools/need --test

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@tools/need npm
	$(NPM_CI) $*
	@touch $@

# --- what is built before compiling ------------------------------------------

$(ASSETS): $(WEB) web/node_modules/.package-lock.json
	npm run --silent build --prefix web
	@touch $@

$(FONTS): tools/fonts/build.mjs tools/fonts/node_modules/.package-lock.json
	@rm -f $@
	npm run --silent build --prefix tools/fonts
	@touch $@

%_templ.go: %.templ
	@tools/need go
	go tool templ generate -f $<
	@touch $@

generate: ## write all generated code anew
	go tool templ generate -path .

# --- tests --------------------------------------------------------------------

# The tests over the whole platform take minutes by themselves where cores are few.
go-test := go test -timeout 30m

test: deps-test $(BUILT) ## all tests, on PostgreSQL 18 and in a browser
	$(go-test) ./...

test-pg15: deps-test $(BUILT) ## the tests that use a database, on PostgreSQL 15
	KAPOK_TEST_PG=15 $(go-test) $$(tools/database-tests)

test-race: deps-test $(BUILT)
	$(go-test) -race $$(go list ./... | grep -vE '/internal/(demo|e2e)$$')

test-browser: deps-test $(BUILT) ## a browser walks through the life of an hour
	$(go-test) ./internal/e2e/...

# One after the other, cheapest first: the machine of a CI has few cores.
check: ## everything CI asks for
	$(MAKE) deps-test
	$(MAKE) check-generated
	$(MAKE) lint
	$(MAKE) vulncheck
	go test ./internal/arch/...
	$(MAKE) test-race
	$(MAKE) test-pg15
	$(MAKE) test-browser

# Compares before and after, so that it needs no git and takes work in progress.
check-generated:
	@sum() { find internal -name '*_templ.go' | LC_ALL=C sort | xargs cat | cksum; }; \
	before=$$(sum); go tool templ generate -path .; \
	[ "$$before" = "$$(sum)" ] || { echo "generated pages were out of date and are written anew: add them to the commit"; exit 1; }

lint: $(BUILT) ## gofmt, go vet, staticcheck, types of the scripts
	@files=$$(gofmt -l cmd db internal examples); [ -z "$$files" ] || { echo "not formatted (gofmt -w):"; echo "$$files"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	npm run --silent check --prefix web

vulncheck: $(BUILT) ## known faults in our libraries
	@tools/vulncheck

# --- figures ------------------------------------------------------------------

bench: build ## measure every promise beside its baseline (BENCHMARKS="signup search people")
	@for name in $(BENCHMARKS); do bin/kapok bench $$name $(ARGS); done

clean: ## remove what was built; data and fetched packages stay
	rm -rf bin internal/ui/dist/* internal/kit/pdf/fonts/*.ttf internal/kit/pdf/fonts/*.LICENSE.txt
