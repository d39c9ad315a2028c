// The engine of this component: a file of its own, so that tests can link another.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "host-adapters/common/instance.hpp"

namespace lntpay::wasi_http {

std::expected<std::unique_ptr<host::Instance>, std::string> make_instance(const std::string& engine_config);

}  // namespace lntpay::wasi_http
