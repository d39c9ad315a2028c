// The engine of edge-proxy.wasm with fixed time, for tests that compare hosts.
#include <utility>

#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/wasi-http/wasi/make_instance.hpp"
#include "tests/support/fixed_moments.hpp"

namespace lntpay::wasi_http {

std::unique_ptr<host::Instance> make_instance(Settings settings) {
  return test::with_fixed_moments(host::native_instance(std::move(settings)));
}

}  // namespace lntpay::wasi_http
