#!/usr/bin/env bash
# Builds the component with the preset wasm-wasi-sdk and checks it as that of the preset wasm is checked. A WASI SDK is one archive
# of what Debian has in packages, so without WASI_SDK_PREFIX its layout is made here of Debian's parts.
set -euo pipefail
cd "$(dirname "$0")/../.."

sdk=$PWD/build/wasi-sdk
llvm=/usr/lib/llvm-19
if [ -z "${WASI_SDK_PREFIX:-}" ] && ! [ -e $llvm/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a ]; then
  echo 'skipped: neither WASI_SDK_PREFIX nor the Debian packages that it would be made of'
  echo '0 passed, 0 failed, 1 skipped'
  exit
fi

# Clang resolves links to its own resources, which Debian names by an older target, so the compilers get explicit paths.
compiler() {
  printf '#!/bin/sh\nexec %s/bin/%s -resource-dir=%s/lib/clang/19 "$@"\n' $llvm "$1" "$sdk" >"$sdk/bin/$1"
  chmod +x "$sdk/bin/$1"
}
make_layout() {
  local target=wasm32-wasip1 sysroot=$sdk/share/wasi-sysroot resources=$sdk/lib/clang/19
  mkdir -p "$sdk/bin" "$sysroot/include" "$sysroot/lib" "$resources/lib/wasm32-unknown-wasip1"
  compiler clang
  compiler clang++
  ln -sfn $llvm/bin/llvm-ar "$sdk/bin/llvm-ar"
  ln -sfn $llvm/bin/llvm-ranlib "$sdk/bin/llvm-ranlib"
  ln -sfn /usr/include/wasm32-wasi "$sysroot/include/$target"
  ln -sfn /usr/lib/wasm32-wasi "$sysroot/lib/$target"
  ln -sfn $llvm/lib/clang/19/include "$resources/include"
  ln -sfn $llvm/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a "$resources/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a"
}

[ -n "${WASI_SDK_PREFIX:-}" ] || make_layout
export WASI_SDK_PREFIX=${WASI_SDK_PREFIX:-$sdk}
# Its component goes to a folder of its own: build/lntpay.wasm stays what `make` made.
cmake --preset wasm-wasi-sdk -D "LNTPAY_OUTPUT_DIR=$PWD/build/wasm-wasi-sdk" >build/wasm-wasi-sdk.configure.log 2>&1 </dev/null ||
  { cat build/wasm-wasi-sdk.configure.log; exit 1; }
cmake --build build/wasm-wasi-sdk --target lntpay_component
LNTPAY_COMPONENT=build/wasm-wasi-sdk/lntpay.wasm exec node tests/component/component_test.mjs
