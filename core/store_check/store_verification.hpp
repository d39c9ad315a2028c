// The check of a whole store, offline: every row parses as its key's kind (row_kinds.hpp) and agrees with the rows that it is
// linked with, and every ledger verifies (money_verification.hpp). It only reads. The store must not change meanwhile: a row is
// compared with others that are read later.
//
//   StoreCheck check;
//   while (co_await check_next(cx, check)) {}
//   check.report.findings_total == 0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/store_check/row_check.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// What is wrong with a row. Without its value, which may hold secrets and texts of users.
struct StoreFinding {
  std::string key;
  std::string problem;
};

struct StoreReport {
  static constexpr std::size_t findings_kept_max = 100;

  std::map<std::string, std::uint64_t> rows{};  ///< by kind: "charge", "ledger entry", …
  std::uint64_t rows_total = 0;
  std::uint64_t ledgers = 0;             ///< verified, good or not
  std::uint64_t entries = 0;             ///< of the good ones
  std::uint64_t findings_total = 0;      ///< 0: the store is good
  std::vector<StoreFinding> findings{};  ///< the first of them

  void add(std::string key, std::string problem);
};

struct StoreCheck {
  StoreReport report{};

  // The state of the check.
  std::string after{};  ///< the last row that was checked
  bool rows_checked = false;
  TenantRows tenant{};                    ///< whose rows are being checked
  std::unordered_set<std::string> due{};  ///< due work of the present shard: its rows come first
  std::string shard{};
  std::vector<TenantScope> ledgers{};  ///< left to verify
};

/// Checks the next thousand rows or, after the last one, the next ledger. False: all is checked. Fails with storage_unavailable
/// when the store cannot be read; the report has what was found until then.
Task<Result<bool>> check_next(Context& cx, StoreCheck& check);

}  // namespace lntpay
