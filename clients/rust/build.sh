#!/usr/bin/env bash
# Generates the Rust client and compiles it with its example: clients/rust/build.sh. The crate, complete, is then build/rust-client.
set -euo pipefail
cd "$(dirname "$0")/../.."

made=build/rust-client
version=$(sed -n 's/^project(lntpay VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
rm -rf $made
mkdir -p $made
cp -r clients/rust/{Cargo.toml,Cargo.lock,README.md,src,tests,examples} LICENSE $made/
grep -q "^version = \"$version\"$" $made/Cargo.toml || { echo "clients/rust/Cargo.toml: the version is not $version" >&2; exit 1; }
node clients/simplified.mjs build/resources/openapi-3.0.json --ranges >$made/openapi.json
cargo build -q --locked --offline --examples --manifest-path $made/Cargo.toml --target-dir build/rust-target
