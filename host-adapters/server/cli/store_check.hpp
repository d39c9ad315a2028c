// The check of a SQLite store for `lntpay store check`: its pages, rows, links and ledgers. It changes nothing in the file or its
// log.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "core/store_check/store_verification.hpp"

namespace lntpay::host {

struct StoreProgress {
  std::uint64_t rows = 0;     ///< checked so far
  std::uint64_t ledgers = 0;  ///< verified so far
};

/// Holds the file's lock meanwhile, so a server can neither run nor start. A finding without a key is about the file itself, such
/// as a line of SQLite's integrity check, or that it is behind its mark. `mark_path`: file of the mark; a missing one is no
/// finding;
/// "": not compared. `progress` is called after every thousand rows and after every ledger. Throws std::runtime_error, with a
/// message for the operator, where the file is missing, in use, unreadable, foreign, or of another layout or format of rows.
StoreReport check_store(const std::string& database_path, const std::string& mark_path = {},
                        const std::function<void(const StoreProgress&)>& progress = {});

/// The report as text: the rows by kind, the ledgers, the findings, and a last line: whether the store is good.
std::string report_text(const StoreReport& report);
/// The same as a JSON object: {"object":"store_check","ok","rows":{kind: number},"rows_total","ledgers","entries",
/// "findings_total","findings":[{"key","problem"}]}
std::string report_json(const StoreReport& report);

}  // namespace lntpay::host
