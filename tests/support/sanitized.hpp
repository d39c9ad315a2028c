// Whether this build has sanitizers.
#pragma once

namespace lntpay::test {

/// Exhaustive tests are ten times slower with sanitizers. There they try smaller cases of the same kinds; the same tests as wasm,
/// which `make test` runs too, try all.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

}  // namespace lntpay::test
