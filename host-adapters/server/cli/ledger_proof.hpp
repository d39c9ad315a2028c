// Proving an export: each entry's hashed text is built anew from its fields, and the accounts are added up anew. Shares with the
// engine that wrote them only SHA-256 and the calendar.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "host-adapters/server/cli/ledger_file.hpp"
#include "host-adapters/server/cli/seen_ids.hpp"

namespace lntpay::host {

/// The text that the entry's hash is of, after the previous hash: docs/formats.md. nullopt where created_at is no time.
std::optional<std::string> hashed_text(const ExportedEntry& entry);

class LedgerProof {
 public:
  /// Where an earlier proof ended: "seq.hash.available.locked.suspense"; what the API says behind that, of withdrawals, is no
  /// matter of an export. False when it is no such text.
  bool start_at(const std::string& fold);
  /// The error is the rule that the entry breaks. After one, nothing can be added.
  std::expected<void, std::string> add(const ExportedEntry& entry);

  [[nodiscard]] std::uint64_t seq() const { return seq_; }
  [[nodiscard]] const std::string& hash() const { return hash_; }
  [[nodiscard]] std::uint64_t available_msat() const { return available_; }
  [[nodiscard]] std::uint64_t locked_msat() const { return locked_; }
  [[nodiscard]] std::int64_t suspense_msat() const { return suspense_; }
  /// What `start_at` takes, and `GET /v1/ledger/verify` as `resume`.
  [[nodiscard]] std::string fold() const;

 private:
  std::expected<void, std::string> add_up(const ExportedEntry& entry);

  std::uint64_t seq_ = 0;
  std::string hash_ = std::string(64, '0');
  std::uint64_t available_ = 0;
  std::uint64_t locked_ = 0;
  std::int64_t suspense_ = 0;
  SeenIds transfers_;  ///< all that grows with the ledger
};

}  // namespace lntpay::host
