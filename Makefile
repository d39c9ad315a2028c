# LNTPay's commands. `make help` lists them; CMakePresets.json holds the builds that they drive.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
export WASM_PRESET ?= wasm
PROGRAM := build/lntpay
COMPONENT := build/lntpay.wasm
LISTEN ?= 127.0.0.1:8402
DATA ?= ./data
SEEDS ?= 200
STEPS ?= 500
SECONDS ?= 60

.PHONY: help run quick test traces fuzz demo edge-proxy workers worker-gate browser wasmtime wasmtime-serve bench sim seeded-bugs lnd-faults tsan coverage check build packages resources component setup fmt clean

help:  ## List the commands
	@printf 'LNTPay\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@printf '\n  Variables: JOBS=%s LISTEN=%s DATA=%s WASM_PRESET=%s\n' '$(JOBS)' '$(LISTEN)' '$(DATA)' '$(WASM_PRESET)'

# The optimised program if it has been built, with the reference at /docs. A first run waits for neither: the engine, in the component, is
# optimised anyway.
RUN_PRESET := $(if $(wildcard $(PROGRAM)),release,sandbox)
RUN_RESOURCES := $(if $(wildcard $(PROGRAM)),resources)
RUN_PROGRAM := $(if $(wildcard $(PROGRAM)),$(PROGRAM),build/sandbox/lntpay)

run: setup  ## Build and serve the sandbox on LISTEN; prints the key and the links
	@cmake/build.sh $(WASM_PRESET) lntpay_component & cmake/build.sh $(RUN_PRESET) lntpay $(RUN_RESOURCES) && wait $$!
	@exec $(RUN_PROGRAM) serve --sandbox --data $(DATA) --listen $(LISTEN) --component $(COMPONENT)

quick: component  ## The tests that catch most, in under two minutes on a built tree; before a commit
	@cmake/check.sh changed
	@cmake/build.sh dev guest_tests conformance_tests
	@SUITES=tests/suites.quick tests/run

test: build packages  ## Every test; the last line is the sum
	@cmake/setup.sh test
	@cmake/build.sh dev tests
	@cmake/build.sh fuzz fuzz_targets
	@cmake/build.sh $(WASM_PRESET) tests
	@cmake/build.sh browser lntpay_module
	@tests/run

fuzz: setup  ## Fuzz TARGET (default: all) for SECONDS each: tests/fuzz/README.md
	@cmake/setup.sh test
	@cmake/build.sh fuzz $(if $(TARGET),$(TARGET:%=fuzz_%),fuzz_targets)
	@$(if $(filter-out differential,$(TARGET)),:,cmake/build.sh $(WASM_PRESET) fuzz_verdict)
	@node tests/fuzz/fuzz.mjs --seconds $(SECONDS) $(TARGET)

demo: build  ## The paid-request quickstart against a host that it starts
	@env -u LNTPAY_BASE_URL -u LNTPAY_API_KEY node examples/pay-per-request/demo.mjs

workers: component  ## The sandbox as a Cloudflare Worker, on the real workerd at port 8402
	@cmake/setup.sh workers
	@node host-adapters/cloudflare/local-workers.mjs --data $(DATA)/workers

worker-gate: component  ## A Worker that charges for a request, step by step, on the real workerd
	@cmake/setup.sh workers
	@node examples/worker-gate/demo.mjs

browser: setup  ## The sandbox in a browser tab: builds the static site and serves it at port 8403
	@cmake/setup.sh browser
	@cmake/build.sh browser lntpay_module
	@node host-adapters/browser/build-site.mjs
	@node host-adapters/browser/serve.mjs

wasmtime: edge-proxy  ## The sandbox on stock `wasmtime serve` over a real etcd, at port 8402
	@node host-adapters/wasi-http/local-wasmtime.mjs --data $(DATA)/wasmtime

wasmtime-serve: edge-proxy  ## Two processes of `wasmtime serve` on one etcd, one of them killed, step by step
	@node examples/wasmtime-serve/demo.mjs

bench: build  ## Measure all, or parts: make bench isolation …; each figure beside its target (STRICT=1 fails on a miss)
	@node tests/bench/bench.mjs $(BENCH_PARTS)

ifneq ($(filter bench,$(MAKECMDGOALS)),)
BENCH_PARTS := $(filter bolt11 engine host durable gates api money lnd hosts isolation webhooks,$(MAKECMDGOALS))
.PHONY: $(BENCH_PARTS)
$(BENCH_PARTS): bench ; @:
endif

tsan: setup  ## The host's threads under the thread sanitizer
	@cmake/setup.sh test
	@cmake/build.sh tsan host_tests abuse_tests conformance_tests
	@build/tsan/host_tests && build/tsan/abuse_tests && build/tsan/conformance_tests -ts="ledger: races"

coverage: setup  ## Line coverage of the unit tests, by folder
	@cmake/setup.sh test
	@tests/coverage

sim:  ## Simulate SEEDS worlds of STEPS steps; a failure prints the line that replays it
	@cmake/setup.sh run
	@cmake/build.sh release sim
	@build/release/sim --seeds $(SEEDS) --steps $(STEPS) --jobs $(JOBS) --commit "$$(git rev-parse --short HEAD 2>/dev/null || echo '?')"

traces:  ## Print the trace of each of SEEDS simulated worlds, to compare two builds
	@cmake/setup.sh run >&2
	@cmake/build.sh release sim >&2
	@build/release/sim --seeds $(SEEDS) --steps $(STEPS) --jobs $(JOBS) --traces | grep '^seed ' | sort -n -k 2

seeded-bugs: setup  ## Seed each bug of tests/seeded (BUG=name: one); its suite must find it
	@cmake/setup.sh test
	@tests/seeded/check $(BUG)

lnd-faults: build  ## Real lnd nodes behind an unreliable gateway, both sides killed: CHARGES, WITHDRAWALS, KILLS, SEED
	@cmake/setup.sh test
	@node tests/lnd/faults.test.mjs

check:  ## Format, tidy, include direction, generated files, names, words, scripts
	@cmake/setup.sh test
	@cmake/check.sh

build: setup  ## The program build/lntpay, the component build/lntpay.wasm and build/resources
	@cmake/build.sh $(WASM_PRESET) lntpay_component & cmake/build.sh release lntpay resources && wait $$!  # together: each ends with a long unit

packages: resources  ## The client packages: build/packages
	@cmake/setup.sh packages
	@node clients/typescript/make-package.mjs build/resources/openapi.json build/packages
	@clients/python/build.sh
	@if [ -x build/oapi-codegen ]; then clients/go/build.sh; fi
	@if [ -e build/rust-target ]; then clients/rust/build.sh; fi

resources: setup  ## The API described: build/resources with openapi.json and the pages made from it
	@cmake/build.sh release resources

component: setup  ## The component build/lntpay.wasm alone
	@cmake/build.sh $(WASM_PRESET) lntpay_component

edge-proxy: setup  ## The component for wasi:http, build/edge-proxy.wasm, and a wasmtime to serve it
	@cmake/setup.sh wasmtime
	@cmake/build.sh $(WASM_PRESET) edge_proxy

setup:  ## Install what the build needs; lists what it installs
	@cmake/setup.sh run

fmt:  ## Format the sources
	@cmake/check.sh fmt

clean:  ## Remove build/ (third-party sources stay in the cache)
	@rm -rf build
	@echo 'removed build/'
