// Reading the ledger, and proving it: every entry from the first on is folded and compared with what is stored.
#pragma once
#include "core/effects/context.hpp"
#include "core/ledger/ledger.hpp"
#include "core/workspace/page.hpp"

namespace lntpay {

Task<Result<Head>> read_head(Context& cx, Realm realm);

Task<Result<Listed<LedgerEntry>>> list_entries(Context& cx, Realm realm, Page page);

struct Audit {
  bool ok = false;
  std::uint64_t entries = 0;  ///< that were checked
  std::string problem;        ///< the broken rule, when not ok
  std::uint64_t problem_seq = 0;
};

/// Checks I1, I2, I4 and I5 over the whole ledger of the realm, as of one head.
Task<Result<Audit>> audit_ledger(Context& cx, Realm realm);

}  // namespace lntpay
