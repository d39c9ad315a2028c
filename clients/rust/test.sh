#!/usr/bin/env bash
# Compiles the Rust client, tests it against servers that misbehave, and runs its example against a sandbox.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! [ -e build/rust-target ]; then
  printf 'skipped: without Rust the Rust client is not tested: cmake/setup.sh test\n0 passed, 0 failed, 1 skipped\n'
  exit
fi
clients/rust/build.sh
. clients/sandbox.sh
(cd build/rust-client && cargo test --locked --offline --target-dir ../rust-target | tee test.log)
start_sandbox
said=$(build/rust-target/debug/examples/paid_request)
echo "$said"
[ "$said" = $'status 402 price 21\nallowed true\nbalance 21' ]
passed=$(grep -c -E '^test .* \.\.\. ok$' build/rust-client/test.log)
echo "$((passed + 1)) passed, 0 failed"
