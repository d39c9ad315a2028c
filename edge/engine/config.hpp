// The configuration that a host hands to the engine: JSON, every field in docs/configuration.md.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "core/tenant/settings.hpp"

namespace lntpay {

/// Fails with a sentence that names the field: missing, of another type, out of range, or unknown.
std::expected<Settings, std::string> read_config(std::string_view json);

}  // namespace lntpay
