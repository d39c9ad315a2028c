// Lists of charges.
#pragma once
#include "core/charge/charge.hpp"
#include "core/tenant/listing.hpp"

namespace lntpay {

struct ChargeFilter {
  std::optional<ChargeStatus> status;
  std::string external_id;  ///< empty: any
  std::optional<UnixMillis> created_gte;
  std::optional<UnixMillis> created_lt;
};

/// Charges in the order of their creation. With a status or an external id the list is walked by that index; whatever else is
/// asked is looked at row by row, and at most 1,000 rows a call: a page may then hold fewer than its limit and yet have more.
Task<Result<Listed<Charge>>> list_charges(Context& cx, TenantScope tenant, ChargeFilter filter, Page page);

}  // namespace lntpay
