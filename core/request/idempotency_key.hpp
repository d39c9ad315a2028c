// The Idempotency-Key header, and the fingerprint of a request.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/storage/effect.hpp"

namespace lntpay::idempotency {

/// The key, without one pair of surrounding quotes; nullopt if there is no such header. Fails with idempotency_key_invalid unless
/// it is one header line of 1 to 255 visible ASCII characters.
Result<std::optional<std::string>> read_key(const std::vector<Header>& headers);

/// SHA-256 of method LF path LF raw query LF raw body: the bytes as received, so white space counts.
Bytes32 fingerprint(std::string_view method, std::string_view path, std::string_view raw_query, std::string_view body);

}  // namespace lntpay::idempotency
