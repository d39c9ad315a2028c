// Whether a test of this build may run wasm.
#pragma once

namespace lntpay::host::testing {

/// The thread sanitizer reports false races in Wasmtime's compiler threads, which it does not instrument.
constexpr bool wasm_can_run() {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return false;
#endif
#endif
  return true;
}

}  // namespace lntpay::host::testing
