// Verifies an export: rebuilds each entry's hashed text from its fields and recomputes the accounts. Shares only SHA-256 and the
// calendar with the engine that wrote the entries.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "host-adapters/server/cli/ledger_file.hpp"
#include "host-adapters/server/cli/seen_ids.hpp"

namespace lntpay::host {

/// The text that is hashed after the previous hash: docs/formats.md. nullopt where created_at is not a time.
std::optional<std::string> hashed_text(const ExportedEntry& entry);

class LedgerProof {
 public:
  /// Continues an earlier verification: "seq.hash.available.locked.suspense", optionally with the API's part on withdrawals, which
  /// is ignored. False for any other text.
  bool start_at(const std::string& fold);
  /// The error is the rule that the entry breaks. Do not add entries after an error.
  std::expected<void, std::string> add(const ExportedEntry& entry);

  [[nodiscard]] std::uint64_t seq() const { return seq_; }
  [[nodiscard]] const std::string& hash() const { return hash_; }
  [[nodiscard]] std::uint64_t available_msat() const { return available_; }
  [[nodiscard]] std::uint64_t locked_msat() const { return locked_; }
  [[nodiscard]] std::int64_t suspense_msat() const { return suspense_; }
  /// For `start_at`, and for `GET /v1/ledger/verify` as `resume`.
  [[nodiscard]] std::string fold() const;

 private:
  std::expected<void, std::string> add_up(const ExportedEntry& entry);

  std::uint64_t seq_ = 0;
  std::string hash_ = std::string(64, '0');
  std::uint64_t available_ = 0;
  std::uint64_t locked_ = 0;
  std::int64_t suspense_ = 0;
  SeenIds transfers_;  ///< the only state that grows with the ledger
};

}  // namespace lntpay::host
