#!/usr/bin/env bash
# clang-tidy on one source, as the preset debug or the component compiles it: cmake/tidy.sh FILE. A result is kept under the hash of what
# the compiler sees, so that only changed sources are checked again; comments count, because NOLINT lives there.
set -uo pipefail
cd "$(dirname "$0")/.."

source=$1
kept=${LNTPAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lntpay}/tidy
tree=build/debug
case $source in
  edge/component/json/*) ;;
  edge/component/* | host-adapters/wasi-http/wasi/*) tree=build/${WASM_PRESET:-wasm} ;;
esac
command=$(jq -r --arg file "$PWD/$source" 'first(.[] | select(.file == $file)) | .command' "$tree/compile_commands.json")
if [ -z "$command" ] || [ "$command" = null ]; then
  echo "$source: error: is part of no build, so it is not checked"
  exit 1
fi

# shellcheck disable=SC2001
preprocess=$(sed -E 's/^.*ccache //; s/ -o [^ ]+\.o(bj)? / /; s/ -MD -MT [^ ]+ -MF [^ ]+ / /; s/ -c / -E -CC -P /' <<<"$command")
key=$( (cat .clang-tidy && (cd "$tree" && eval "$preprocess" 2>/dev/null)) | sha256sum | cut -c 1-40)
[ -e "$kept/$key" ] && exit 0

if clang-tidy-19 --quiet -p "$tree" "$source" >"build/tidy.$$" 2>/dev/null; then
  mkdir -p "$kept"
  : >"$kept/$key"
  code=0
else
  grep -E -A 2 '(error|warning):' "build/tidy.$$" | sed -E "s|^.*/sees/[^/]+/||; s|^$PWD/||"
  code=1
fi
rm -f "build/tidy.$$"
exit $code
