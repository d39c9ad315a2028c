// A second SHA-256 (FIPS 180-4): the oracle checks the core's hashes without the core.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace lntpay::sim {

/// The digest as 32 bytes.
std::string naive_sha256(std::string_view message);
std::string to_hex(std::string_view bytes);
std::string from_hex(std::string_view digits);

}  // namespace lntpay::sim
