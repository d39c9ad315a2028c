// The engine of this component: a file of its own, so that tests can link another.
#pragma once
#include <memory>

#include "core/tenant/settings.hpp"
#include "host-adapters/common/instance.hpp"

namespace lntpay::wasi_http {

std::unique_ptr<host::Instance> make_instance(Settings settings);

}  // namespace lntpay::wasi_http
