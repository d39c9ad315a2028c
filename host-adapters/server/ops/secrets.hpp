// The host's secrets, made once and kept in a file that only its user reads.
#pragma once
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace lntpay::host {

/// 32 random bytes each, as 64 lower-case hex digits; the operator's token as it is shown.
struct HostSecrets {
  std::string pepper;
  std::string seal;
  std::string cursor_key;
  std::string gate_key;
  std::string operator_token;

  /// Hex HMAC-SHA-256 of the operator's token under the pepper: all of the token that the engine gets.
  [[nodiscard]] std::string operator_hmac() const;
};

/// In the data folder.
inline constexpr std::string_view database_name = "lntpay.db";

/// Reads `dir`/secrets.json, or makes it, mode 0600, where there is no database yet. Losing this file means losing every key and
/// every sealed secret. Refuses a file that others may read, and one that lacks a field.
std::expected<HostSecrets, std::string> load_secrets(const std::filesystem::path& dir);

}  // namespace lntpay::host
