#include "host-adapters/wasi-http/wasi/make_instance.hpp"

#include "host-adapters/common/native_instance.hpp"

namespace lntpay::wasi_http {

std::expected<std::unique_ptr<host::Instance>, std::string> make_instance(const std::string& engine_config) {
  return host::native_instances(engine_config)();
}

}  // namespace lntpay::wasi_http
