#!/usr/bin/env bash
# Cost and benefit of libsecp256k1's tables: the component's size, and microseconds of a bare recover, decode and sign, natively and
# as wasm in Node. Prints rows of the table in docs/performance.md. Builds in build/tables-*; both cores should be idle.
#
#   tests/bench/tables.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

field() { sed -E "s/.*\"$1_us\":([0-9.]+).*/\1/" <<<"$line" | xargs printf '%.1f'; }

row() {
  local preset=$1 window=$2 gen_kb=$3 tree=build/tables-$1 line size='' targets=(bolt11_bench) bench
  [ "$preset" = release ] || targets+=(lntpay_component)
  cmake --preset "$preset" -B "$tree" -DLNTPAY_OUTPUT_DIR="$PWD/$tree" -DLNTPAY_ECMULT_WINDOW="$window" -DLNTPAY_ECMULT_GEN_KB="$gen_kb" >/dev/null
  line=$(cmake --build "$tree" --target "${targets[@]}" | sed -n -E 's/^component: [^ ]+ (.*)/\1/p')
  [ -z "$line" ] || size="$line"
  if [ "$preset" = release ]; then bench=("$tree/bolt11_bench"); else bench=(node --no-warnings edge/component/run_wasi.mjs "$tree/bolt11_bench.wasm"); fi
  line=$("${bench[@]}")
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$preset" "$window" "$gen_kb" "${size:--}" "$(field recover)" "$(field decode)" "$(field sign)"
}

echo '| Build | Window | Comb, KB | Component | recover, us | verified decode, us | sign, us |'
echo '|---|---|---|---|---|---|---|'
for window in 2 3 4 5 6 7 8; do row wasm "$window" 2; done
for gen_kb in 22 86; do row wasm 5 "$gen_kb"; done
for window in 2 5 8 15; do row release "$window" 86; done
for gen_kb in 2 22; do row release 15 "$gen_kb"; done
