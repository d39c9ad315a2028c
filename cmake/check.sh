#!/usr/bin/env bash
# The checks that are not tests. cmake/check.sh [NAME...]: all of them, or those named. cmake/check.sh fmt: formats the sources.
set -uo pipefail
cd "$(dirname "$0")/.."

jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
failed=0

sources() { find core edge host-adapters tests examples \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' \) -not -path '*/gen/*' -not -path '*/node_modules/*' | sort; }
scripts() { find clients cmake tests examples host-adapters edge wit .ci -type f -not -path '*/node_modules/*' \( "$@" \) | sort; }

check_format() { sources | xargs clang-format-19 --dry-run -Werror; }

# Formatting of what differs from the last commit, or from main on a branch.
check_changed() {
  local base
  base=$(git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base"; git ls-files --others --exclude-standard; } | sort -u |
    sed -n -E '/\/gen\//d; /^(core|edge|host-adapters|tests|examples)\/.*\.(cpp|hpp|h)$/p' | xargs -r clang-format-19 --dry-run -Werror
}

# A name that is found once needs no folder to be understood. examples/ are projects of their own.
check_names() {
  local twice
  twice=$(git ls-files --cached --others --exclude-standard core edge host-adapters tests wit cmake | grep -E '\.(cpp|hpp|h|c|mjs|js|ts|py|sh)$' | grep -v -E '/gen/|/gen_|engine/wasm/gen' |
    xargs -n 1 basename | sort | uniq -d)
  [ -z "$twice" ] || { echo "source files that share a basename: rename one of each pair" && echo "$twice" && return 1; }
}

check_words() { node cmake/words.mjs; }

check_scripts() {
  local file bad=0
  while read -r file; do bash -n "$file" || bad=1; done < <(scripts -name '*.sh' -o -path tests/run -o -path tests/models/check -o -path tests/seeded/check -o -path tests/coverage -o -path .ci/run)
  while read -r file; do node --check "$file" || bad=1; done < <(scripts -name '*.mjs')
  return $bad
}

# The include folders of the build enforce this too; this states it in words, and covers system headers.
check_includes() {
  local bad=0
  forbid() {
    local where=$1 pattern=$2 words=$3
    if grep -rnE --include='*.hpp' --include='*.cpp' "^#include $pattern" "$where" | grep -v -E "${4:-^$}"; then
      echo "  $words"
      bad=1
    fi
  }
  forbid core '"(edge|host-adapters|tests)/' 'core includes nothing of edge, host-adapters or tests' '_test\.cpp:'
  # edge/reference is a program of the build, which plays its story in the world of the tests; nothing includes it.
  forbid edge '"(host-adapters|tests)/' 'edge includes nothing of host-adapters or tests' '_test\.cpp:|^edge/reference/'
  local rooted='includes are written from the root of the project' folder
  for folder in core edge host-adapters; do forbid $folder '"([^/"]*"|\.\.?/)' "$rooted"; done
  local world='<(thread|mutex|atomic|future|fstream|iostream|filesystem|random|format|print|ctime|sys/.*|unistd.h)>'
  forbid core "$world" 'core has no threads, files, clock or randomness of its own'
  forbid edge "$world" 'edge has no threads, files, clock or randomness of its own'
  if grep -rn '_clock::now' core edge; then
    echo '  core and edge have no clock: a moment comes from the host'
    bad=1
  fi
  check_server_folders || bad=1
  return $bad
}

# The table of the server's README lists its folders, lowest first: none includes one below it.
check_server_folders() {
  local server=host-adapters/server
  grep -rE --include='*.hpp' --include='*.cpp' "^#include \"$server/" $server |
    awk -v server="$server/" -v order="$(sed -n -E 's/^\| \[([a-z/]+)\].*/\1/p' $server/README.md | tr '\n' ' ')" '
      function folder_of(path) { sub(server, "", path); sub(/(\/gen)?\/[^\/]*$/, "", path); return path }
      BEGIN { for (i = split(order, names, " "); i > 0; --i) place[names[i]] = i }
      {
        split($0, part, /:#include |"/)
        from = folder_of(part[1]); to = folder_of(part[3])
        if (!(from in place) || !(to in place) || place[to] > place[from]) {
          print $0 "\n  " from " may not include " to ": see the table in " server "README.md"
          bad = 1
        }
      }
      END { exit bad }'
}

# wit/edge.wit's conversions, generated again; and the bindings of wit-bindgen, by the hashes of what they were made from.
check_bindings() { node --test wit/glue/glue_test.mjs && node wit/glue/generate.mjs check && cmake/bindings.sh check; }

# Seeded bugs that no longer apply: tests/run runs a part of them only.
check_bugs() {
  local patch bad=0
  for patch in tests/seeded/*.patch; do git apply --check "$patch" || bad=1; done
  return $bad
}

check_types() { tests/node_modules/.bin/tsc -p host-adapters/js; }

check_tidy() {  # tests apart: their macros are not ours; and the Emscripten module's exports: their headers are not clang's
  mkdir -p build
  local preset
  for preset in debug "${WASM_PRESET:-wasm}"; do
    cmake --preset "$preset" >build/check.log 2>&1 </dev/null || { cat build/check.log; return 1; }
  done
  sources | grep -E '^(core|edge|host-adapters)/.*\.cpp$' | grep -v -E '_test\.cpp$|^edge/component/json/json_export\.cpp$' | xargs -P "$jobs" -n 1 cmake/tidy.sh
}

run() {
  local name=$1 began=$SECONDS out
  if out=$("check_$name" 2>&1); then
    printf 'check: %-10s ok (%s s)\n' "$name" $((SECONDS - began))
  else
    printf '%s\n' "$out" | head -n 100
    printf 'check: %-10s FAILED (%s s)\n' "$name" $((SECONDS - began))
    failed=$((failed + 1))
  fi
}

if [ "${1:-}" = fmt ]; then
  sources | xargs clang-format-19 -i
  echo 'formatted'
  exit
fi
[ $# -gt 0 ] || set -- format names words scripts includes bindings bugs types tidy
for name in "$@"; do run "$name"; done
[ "$failed" = 0 ]
