// The host's secrets: generated once, stored in a private file.
#pragma once
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace lntpay::host {

/// Each 32 random bytes as 64 lower-case hex digits, except the operator's token, which is stored in full.
struct HostSecrets {
  std::string pepper;
  std::string seal;
  std::string cursor_key;
  std::string gate_key;
  std::string operator_token;

  /// Hex HMAC-SHA-256 of the operator's token under the pepper: the engine receives this, not the token.
  [[nodiscard]] std::string operator_hmac() const;
};

/// File name of the database in the data folder.
inline constexpr std::string_view database_name = "lntpay.db";

/// Reads `dir`/secrets.json, or generates it (mode 0600) where there is no database yet. Without this file every API key and every
/// sealed secret is lost. Refuses a file that fails check_private_file, and one that lacks a field.
std::expected<HostSecrets, std::string> load_secrets(const std::filesystem::path& dir);

}  // namespace lntpay::host
