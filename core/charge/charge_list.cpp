// The choice of the index, and the filter.
#include "core/charge/charge_list.hpp"

#include "core/tenant/filtered_list.hpp"

namespace lntpay {
namespace {

bool matches(const Charge& charge, const ChargeFilter& filter) {
  return (!filter.status || charge.status == *filter.status) &&
         (filter.external_id.empty() || charge.external_id == filter.external_id) &&
         (!filter.created_gte || charge.created_at >= *filter.created_gte) &&
         (!filter.created_lt || charge.created_at < *filter.created_lt);
}

Walk walk_of(const TenantScope& tenant, const ChargeFilter& filter) {
  if (!filter.external_id.empty()) return {charges_by_external_id(tenant, filter.external_id), "charge", true};
  if (filter.status) return {charges_by_status(tenant, *filter.status), "charge", true};
  return {tenant.key("charge") + "/", "charge", false};
}

}  // namespace

Task<Result<Listed<Charge>>> list_charges(Context& cx, TenantScope tenant, ChargeFilter filter, Page page) {
  auto walk = walk_of(tenant, filter);
  return list_filtered<Charge>(cx, std::move(tenant), std::move(walk), std::move(page),
                               [filter = std::move(filter)](const Charge& charge) { return matches(charge, filter); });
}

}  // namespace lntpay
