// Headers that an endpoint's owner adds to its webhooks: a token that the receiver's gateway asks for, say.
//
// Their values are sealed at rest (core/crypto/seal, context = the endpoint's row key and the name) and never shown again; names
// are shown.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/crypto/seal.hpp"
#include "core/storage/effect.hpp"

namespace lntpay {

inline constexpr std::size_t custom_headers_max = 10;
inline constexpr std::size_t header_name_bytes_max = 64;
inline constexpr std::size_t header_value_bytes_max = 1'024;

/// In rows: "name@sealed".
struct CustomHeader {
  std::string name;  ///< lower case
  std::string sealed;

  [[nodiscard]] std::string text() const { return name + "@" + sealed; }
  static std::optional<CustomHeader> parse(std::string_view text);
};

/// The headers of a JSON object {"name": "value", …}. Fails with invalid_request, param "headers": too many, a name that is no HTTP
/// token (RFC 9110, 5.6.2) or that LNTPay or HTTP itself sets, or a value that is not 1 to 1,024 visible characters and spaces.
Result<std::vector<CustomHeader>> seal_headers(const std::string& json, Keyring keys, std::string_view endpoint_key);

/// Fails with internal_error when one cannot be opened with the operator's keys.
Result<std::vector<Header>> open_headers(const std::vector<CustomHeader>& headers, Keyring keys, std::string_view endpoint_key);

}  // namespace lntpay
