// The configuration that a host passes to the engine: JSON; docs/configuration.md lists every field.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "core/tenant/settings.hpp"

namespace lntpay {

/// Fails with a sentence that names the field: missing, of the wrong type, out of range, or unknown.
std::expected<Settings, std::string> read_config(std::string_view json);

}  // namespace lntpay
