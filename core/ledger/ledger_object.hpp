// The objects `ledger_entry` and `balance` of the API: their fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/ledger/ledger_entry.hpp"

namespace lntpay {

inline constexpr auto ledger_entry_object = object_of<LedgerEntry>(
    member("id", "le_…", [](const auto& v) { return std::string_view(v.id.text()); }), kind_member<"ledger_entry">(),
    member("version", "The version of the hashed text: docs/formats.md.", [](const auto&) { return LedgerEntry::row_version; }),
    member("seq", "1, 2, 3, … without gaps.", [](const auto& v) { return v.seq; }),
    member("type", "What the entry records.", [](const auto& v) { return v.type; }),
    member("available_change_msat", "The change of the available balance; may be negative.",
           [](const auto& v) { return v.available_msat; }),
    member("locked_change_msat", "The change of the locked balance; may be negative.", [](const auto& v) { return v.locked_msat; }),
    member("suspense_change_msat", "The change of suspense; may be negative.", [](const auto& v) { return v.suspense_msat; }),
    member({.name = "available_after_msat", .description = "The available balance after the entry.", .min = 0},
           [](const auto& v) { return v.available_after; }),
    member({.name = "locked_after_msat", .description = "The locked balance after the entry.", .min = 0},
           [](const auto& v) { return v.locked_after; }),
    member("reference", "The id of the charge or withdrawal that caused it.",
           [](const auto& v) { return std::string_view(v.reference); }),
    member("transfer_id", "Derived from the cause, so that it is recorded once.", [](const auto& v) { return v.transfer; }),
    member("created_at", "When it was recorded.", [](const auto& v) { return v.at; }),
    member("previous_hash", "The hash of the previous entry.", [](const auto& v) { return v.previous; }),
    member("hash", "The hash of this entry: docs/formats.md.", [](const auto& v) { return v.hash; }));

inline constexpr auto ledger_entry_fields = ledger_entry_object.fields();

struct BalanceView {
  const AccountState& account;
  const TenantScope& tenant;
  [[nodiscard]] Msat total() const { return {account.available.value + account.locked.value}; }
};

inline constexpr auto balance_object = object_of<BalanceView>(
    kind_member<"balance">(), member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }),
    member({.name = "available_sats", .description = "The balance that can be withdrawn, rounded down to whole satoshi.", .min = 0},
           [](const auto& v) { return sats_down(v.account.available); }),
    member({.name = "available_msat", .description = "The balance that can be withdrawn.", .min = 0},
           [](const auto& v) { return v.account.available; }),
    member({.name = "locked_sats",
            .description = "The balance that withdrawals have reserved, rounded down to whole satoshi.",
            .min = 0},
           [](const auto& v) { return sats_down(v.account.locked); }),
    member({.name = "locked_msat", .description = "The balance that withdrawals have reserved.", .min = 0},
           [](const auto& v) { return v.account.locked; }),
    member({.name = "total_sats", .description = "Available and locked together, rounded down to whole satoshi.", .min = 0},
           [](const auto& v) { return sats_down(v.total()); }),
    member({.name = "total_msat", .description = "Available and locked together.", .min = 0},
           [](const auto& v) { return v.total(); }),
    member("suspense_msat", "Unexplained differences: normally 0. A negative amount reduces the balance that can be withdrawn.",
           [](const auto& v) { return v.account.suspense_msat; }),
    member({.name = "as_of_seq", .description = "The last ledger entry that the balance includes.", .min = 0},
           [](const auto& v) { return v.account.entries; }));

inline constexpr auto balance_fields = balance_object.fields();

}  // namespace lntpay
