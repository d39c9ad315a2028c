// The choice of the index, and the filter.
#include "core/charge/charge_list.hpp"

namespace lntpay {
namespace {

Walk walk_of(const TenantScope& tenant, const ChargeFilter& filter) {
  if (!filter.external_id.empty()) return {charges_by_external_id(tenant, filter.external_id), "charge", true};
  if (filter.status) return {charges_by_status(tenant, *filter.status), "charge", true};
  return {tenant.key("charge") + "/", "charge", false};
}

}  // namespace

Task<Result<Listed<Charge>>> list_charges(Context& cx, TenantScope tenant, ChargeFilter filter, Page page) {
  auto walk = walk_of(tenant, filter);
  return list_filtered<Charge>(cx, std::move(tenant), std::move(walk), std::move(page),
                               [filter = std::move(filter)](const Charge& charge) { return filter.matches(charge); });
}

}  // namespace lntpay
