#!/usr/bin/env bash
# The generated bindings of wit/edge.wit, which are committed.
#   cmake/bindings.sh           makes them anew (needs wit-bindgen) and records what they were made from
#   cmake/bindings.sh check     compares: made anew where wit-bindgen is, else by the recorded hashes
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.63.0
gen=edge/component/gen
files=(edge.c edge.h edge_component_type.o)
sums=$gen/SHA256SUMS

generator_is_here() { [ "$(wit-bindgen --version 2>/dev/null)" = "wit-bindgen-cli $version" ]; }

case ${1:-make} in
  make)
    generator_is_here || { echo "bindings: needs: cargo install wit-bindgen-cli --version $version --locked (7 CPU-minutes)" >&2; exit 1; }
    wit-bindgen c wit --world edge --out-dir $gen >/dev/null
    sha256sum wit/edge.wit "${files[@]/#/$gen/}" >$sums
    echo 'bindings: made from wit/edge.wit'
    ;;
  check)
    if ! sha256sum --check --quiet $sums; then
      echo 'bindings: wit/edge.wit and its generated bindings differ from what was recorded: run cmake/bindings.sh' >&2
      exit 1
    fi
    if generator_is_here; then
      fresh=$(mktemp -d)
      trap 'rm -rf "$fresh"' EXIT
      wit-bindgen c wit --world edge --out-dir "$fresh" >/dev/null
      for file in "${files[@]}"; do cmp "$fresh/$file" "$gen/$file"; done
    fi
    ;;
  *) echo 'usage: cmake/bindings.sh [check]' >&2; exit 2 ;;
esac
