#!/usr/bin/env bash
# Builds a preset: cmake/build.sh PRESET [TARGET...]. One line of progress on a terminal, one line at the end elsewhere;
# the compiler's words only when it fails.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
shift
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
tree=build/$preset
log=build/$preset.log
started=$SECONDS
mkdir -p build
exec 8>"build/.$preset.lock"  # one build of a tree at a time
! command -v flock >/dev/null || flock 8

fail() {
  [ ! -t 1 ] || printf '\r\033[K'
  sed -n -E '/^(FAILED|CMake Error)/,$p' "$log" | grep -v -E '^\[[0-9]+/[0-9]+\] |^/usr/bin/ccache ' | head -n 80 >&2 || true
  printf 'build: %-10s FAILED (%s s, log in %s)\n' "$preset" $((SECONDS - started)) "$log" >&2
  exit 1
}

cmake --preset "$preset" >"$log" 2>&1 </dev/null || fail
targets=("${@:-all}")
if [ -t 1 ]; then
  cmake --build "$tree" --target "${targets[@]}" -- -j "$jobs" 2>&1 </dev/null | tee -a "$log" |
    sed -u -n -E 's/^\[([0-9]+\/[0-9]+)\] (Building|Linking) .*/\1/p' |
    while read -r at; do printf '\rbuild: %-10s %s  ' "$preset" "$at"; done || fail
  printf '\r\033[K'
else
  cmake --build "$tree" --target "${targets[@]}" -- -j "$jobs" >>"$log" 2>&1 </dev/null || fail
fi
printf 'build: %-10s ready (%s s)\n' "$preset" $((SECONDS - started))
sed -n -E 's/^(component: )/build: \1/p' "$log"
