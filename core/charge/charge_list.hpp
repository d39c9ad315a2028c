// Listing charges.
#pragma once
#include "core/charge/charge.hpp"
#include "core/tenant/filtered_list.hpp"
#include "core/tenant/listing.hpp"

namespace lntpay {

using ChargeFilter = RecordFilter<ChargeStatus>;

/// In order of creation. Status, external id, payment hash and metadata use an index; other filters scan at most 1,000 rows a call,
/// so a page may have fewer than `limit` charges although there are more.
Task<Result<Listed<Charge>>> list_charges(Context& cx, TenantScope tenant, ChargeFilter filter, Page page);

}  // namespace lntpay
