#!/usr/bin/env bash
# Compiles and checks the Go client, tests it against servers that misbehave, and runs its example against a sandbox.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! [ -x build/oapi-codegen ]; then
  printf 'skipped: without Go the Go client is not tested: cmake/setup.sh test\n0 passed, 0 failed, 1 skipped\n'
  exit
fi
clients/go/build.sh
. clients/sandbox.sh
(cd build/go-client && gofmt -l client.go client_test.go example | { ! grep .; } && go vet ./... && go test -count=1 -v ./... | tee test.log)
start_sandbox
said=$(cd build/go-client && go run ./example)
echo "$said"
[ "$said" = $'status 402 price 21\nallowed true\nbalance 21' ]
passed=$(grep -c -E '^ *--- PASS' build/go-client/test.log)
echo "$((passed + 1)) passed, 0 failed"
