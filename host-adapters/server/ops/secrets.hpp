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
  bool store_made = false;  ///< the file records that a database was made for these secrets

  /// Hex HMAC-SHA-256 of the operator's token under the pepper: the engine receives this, not the token.
  [[nodiscard]] std::string operator_hmac() const;
  /// Identifies pepper and seal, without which a store's API keys and sealed rows are lost. The other secrets can be replaced.
  [[nodiscard]] std::string fingerprint() const;
};

/// File name of the database in the data folder.
inline constexpr std::string_view database_name = "lntpay.db";

/// Reads `dir`/secrets.json, or generates it (mode 0600) where there is no database yet. Without this file every API key and every
/// sealed secret is lost. Refuses a file that fails check_private_file, and one that lacks a field.
std::expected<HostSecrets, std::string> load_secrets(const std::filesystem::path& dir);

/// Records in `dir`/secrets.json that a database was made for it: from then on a missing database is a loss and not a first start.
std::expected<void, std::string> record_store_made(const std::filesystem::path& dir);

}  // namespace lntpay::host
