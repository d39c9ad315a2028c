#!/usr/bin/env bash
# The generated bindings of our WIT, which are committed: of the engine (wit/edge.wit), and of the world that wasi:http's adapter lives in.
#   cmake/bindings.sh           makes them anew (needs wit-bindgen and cargo) and records what they were made from
#   cmake/bindings.sh check     compares: made anew where wit-bindgen is, else by the recorded hashes
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.63.0
wasmtime=$(awk '$1 == "wasmtime-cli" { print $2 }' cmake/deps/pins)
edge=edge/component/gen
proxy=host-adapters/wasi-http/wasi/gen
proxy_wit=host-adapters/wasi-http/wit

generator_is_here() { [ "$(wit-bindgen --version 2>/dev/null)" = "wit-bindgen-cli $version" ]; }

# The WIT of wasi:http and what it uses is not ours to keep: it is a folder of Wasmtime's crate.
wasi_wit() {
  local crate
  crate=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -maxdepth 2 -name "wasmtime-wasi-http-$wasmtime" 2>/dev/null | head -n 1)
  [ -z "$crate" ] || echo "$crate/wit/deps"
}

fetch_wasi_wit() {
  local project; project=$(mktemp -d)
  (cd "$project" && cargo init -q --name wit && cargo add -q "wasmtime-wasi-http@=$wasmtime" --no-default-features && cargo fetch -q)
  rm -rf "$project"
}

make_edge() { wit-bindgen c wit --world edge --out-dir "$1" >/dev/null; }

make_proxy() {
  local wit; wit=$(mktemp -d)
  cp $proxy_wit/*.wit "$wit/"
  cp -r "$(wasi_wit)" "$wit/deps"
  wit-bindgen c "$wit" --world edge-proxy --out-dir "$1" >/dev/null
  rm -rf "$wit"
}

record() {  # record FOLDER WIT
  (cd "$1" && sha256sum -- *.c *.h *.o) | sed "s#  #  $1/#" >"$1/SHA256SUMS.fresh"
  sha256sum "$2" >>"$1/SHA256SUMS.fresh"
  mv "$1/SHA256SUMS.fresh" "$1/SHA256SUMS"
}

compare() {  # compare FOLDER MAKE
  local fresh file
  fresh=$(mktemp -d)
  "$2" "$fresh"
  for file in "$fresh"/*; do cmp "$file" "$1/${file##*/}"; done
  rm -rf "$fresh"
}

case ${1:-make} in
  make)
    generator_is_here || { echo "bindings: needs: cargo install wit-bindgen-cli --version $version --locked (7 CPU-minutes)" >&2; exit 1; }
    [ -n "$(wasi_wit)" ] || fetch_wasi_wit
    make_edge $edge
    make_proxy $proxy
    record $edge wit/edge.wit
    record $proxy $proxy_wit/edge-proxy.wit
    echo "bindings: made from wit/edge.wit and $proxy_wit/edge-proxy.wit"
    ;;
  check)
    for folder in $edge $proxy; do
      sha256sum --check --quiet $folder/SHA256SUMS || { echo "bindings: $folder differs from what was recorded: run cmake/bindings.sh" >&2; exit 1; }
    done
    if generator_is_here; then compare $edge make_edge; fi
    if generator_is_here && [ -n "$(wasi_wit)" ]; then compare $proxy make_proxy; fi
    ;;
  *) echo 'usage: cmake/bindings.sh [check]' >&2; exit 2 ;;
esac
