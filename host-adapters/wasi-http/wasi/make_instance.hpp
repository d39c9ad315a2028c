// Creates the engine of this component. Tests link another implementation.
#pragma once
#include <memory>

#include "core/tenant/settings.hpp"
#include "host-adapters/common/instance.hpp"

namespace lntpay::wasi_http {

std::unique_ptr<host::Instance> make_instance(Settings settings);

}  // namespace lntpay::wasi_http
