// The engine linked into the component.
#include "host-adapters/wasi-http/wasi/make_instance.hpp"

#include <utility>

#include "host-adapters/common/native_instance.hpp"

namespace lntpay::wasi_http {

std::unique_ptr<host::Instance> make_instance(Settings settings) { return host::native_instance(std::move(settings)); }

}  // namespace lntpay::wasi_http
