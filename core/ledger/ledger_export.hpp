// Entries as lines of CSV (RFC 4180): every hashed field, under its name in the API. docs/formats.md describes how to check a line
// by hand; `lntpay ledger verify` checks a file.
#pragma once
#include <string>
#include <string_view>

#include "core/ledger/ledger_entry.hpp"

namespace lntpay {

inline constexpr std::string_view csv_header =
    "version,id,seq,type,transfer_id,available_change_msat,locked_change_msat,suspense_change_msat,"
    "available_after_msat,locked_after_msat,reference,created_at,previous_hash,hash\n";

/// In the order of the row's fields, with a trailing line feed.
std::string entry_csv(const LedgerEntry& entry);

}  // namespace lntpay
