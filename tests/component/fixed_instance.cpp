// The engine of edge-proxy.wasm whose time stands still, for tests that compare hosts.
#include "host-adapters/common/native_instance.hpp"
#include "host-adapters/wasi-http/wasi/make_instance.hpp"
#include "tests/support/fixed_moments.hpp"

namespace lntpay::wasi_http {

std::expected<std::unique_ptr<host::Instance>, std::string> make_instance(const std::string& engine_config) {
  return host::native_instances(engine_config)().transform(test::with_fixed_moments);
}

}  // namespace lntpay::wasi_http
