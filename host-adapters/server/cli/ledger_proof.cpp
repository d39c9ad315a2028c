// The rules that each entry must satisfy.
#include "host-adapters/server/cli/ledger_proof.hpp"

#include <array>
#include <limits>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "core/base/time.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay::host {
namespace {

std::unexpected<std::string> broken(std::string_view rule, const std::string& how) {
  return std::unexpected(std::string(rule) + ": " + how);
}

/// The sum, where an unsigned 64 bit account can hold it.
std::optional<std::uint64_t> account(__int128 sum) {
  if (sum < 0 || sum > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(sum);
}

}  // namespace

std::optional<std::string> hashed_text(const ExportedEntry& entry) {
  std::string text;
  for (std::size_t i = 0; i + 1 < ledger_columns; ++i) {
    if (i > 0) text += '|';
    if (static_cast<Column>(i) == Column::created_at) {
      const auto at = parse_rfc3339(entry.fields[i]);
      if (!at) return std::nullopt;
      text += std::to_string(at->value);
      continue;
    }
    for (const char c : entry.fields[i]) {
      const auto* escaped = c == '\\' ? "\\\\" : c == '|' ? "\\p" : c == '\n' ? "\\n" : nullptr;
      if (escaped != nullptr) {
        text += escaped;
      } else {
        text += c;
      }
    }
  }
  return text;
}

bool LedgerProof::start_at(const std::string& fold) {
  std::array<std::string, 6> parts;
  std::size_t at = 0;
  for (const char c : fold) {
    if (c != '.') {
      parts[at] += c;
    } else if (++at == parts.size()) {
      return false;
    }
  }
  if (at < 4 || (at == 5 && parts[5].find("/wd_") == std::string::npos)) return false;
  const auto seq = parse_integer<std::uint64_t>(parts[0]);
  const auto available = parse_integer<std::uint64_t>(parts[2]);
  const auto locked = parse_integer<std::uint64_t>(parts[3]);
  const auto suspense = parse_integer<std::int64_t>(parts[4]);
  if (!seq || !hex_decode32(parts[1]) || !available || !locked || !suspense) return false;
  seq_ = *seq;
  hash_ = parts[1];
  available_ = *available;
  locked_ = *locked;
  suspense_ = *suspense;
  return true;
}

std::expected<void, std::string> LedgerProof::add(const ExportedEntry& entry) {
  if (entry[Column::version] != "1") return broken("format", "this program reads version 1, not " + entry[Column::version]);
  const auto wanted = std::to_string(seq_ + 1);
  if (entry[Column::seq] != wanted) return broken("I5 seq is gapless", "expected " + wanted + ", found " + entry[Column::seq]);
  if (entry[Column::previous_hash] != hash_) {
    return broken("I5 the chain is whole", "previous_hash is " + entry[Column::previous_hash] + ", the entry before has " + hash_);
  }
  const auto previous = hex_decode32(hash_);
  const auto text = hashed_text(entry);
  if (!previous || !text) return broken("format", "created_at must be a time");
  const auto hash = hex(Sha256{}.update(*previous).update(bytes_of(*text)).finish());
  if (entry[Column::hash] != hash) {
    return broken("I5 a row never changes", "its fields hash to " + hash + ", not to " + entry[Column::hash]);
  }
  if (auto sums = add_up(entry); !sums) return sums;
  const auto transfer = hex_decode32(entry[Column::transfer_id]);
  if (!transfer) return broken("format", "transfer_id must be 64 hex digits");
  if (!transfers_.insert(*transfer))
    return broken("I7 a transfer happens once", entry[Column::transfer_id] + " is already in the ledger");
  ++seq_;
  hash_ = hash;
  return {};
}

std::expected<void, std::string> LedgerProof::add_up(const ExportedEntry& entry) {
  const auto available_change = parse_integer<std::int64_t>(entry[Column::available_change]);
  const auto locked_change = parse_integer<std::int64_t>(entry[Column::locked_change]);
  const auto suspense_change = parse_integer<std::int64_t>(entry[Column::suspense_change]);
  if (!available_change || !locked_change || !suspense_change) return broken("format", "a change is not a 64-bit integer");
  const auto available = account(static_cast<__int128>(available_) + *available_change);
  const auto locked = account(static_cast<__int128>(locked_) + *locked_change);
  std::int64_t suspense = 0;
  if (!available) return broken("I2 no account is negative", "available would be negative");
  if (!locked) return broken("I2 no account is negative", "locked would be negative");
  if (__builtin_add_overflow(suspense_, *suspense_change, &suspense)) return broken("I2", "suspense exceeds 64 bits");
  if (!account(static_cast<__int128>(*available) + *locked + suspense))
    return broken("I2 no account is negative", "node would be negative");
  const auto differs = [&entry](Column column, std::uint64_t sum) { return entry[column] != std::to_string(sum); };
  if (differs(Column::available_after, *available) || differs(Column::locked_after, *locked)) {
    return broken("I4 balances are the fold of the entries",
                  "available " + std::to_string(*available) + " and locked " + std::to_string(*locked) + ", not " +
                      entry[Column::available_after] + " and " + entry[Column::locked_after]);
  }
  available_ = *available;
  locked_ = *locked;
  suspense_ = suspense;
  return {};
}

std::string LedgerProof::fold() const {
  return std::to_string(seq_) + "." + hash_ + "." + std::to_string(available_) + "." + std::to_string(locked_) + "." +
         std::to_string(suspense_);
}

}  // namespace lntpay::host
