// The choice of the index, and the filter.
#include "core/charge/charge_list.hpp"

#include "core/charge/challenge_settlement.hpp"

namespace lntpay {
namespace {

Walk walk_of(const TenantScope& tenant, const ChargeFilter& filter) {
  if (!filter.external_id.empty()) return {charges_by_external_id(tenant, filter.external_id), "charge", true};
  if (!filter.metadata.empty()) return {records_by_metadata(tenant, charge_indexes, filter.metadata.front()), "charge", true};
  if (filter.status) return {charges_by_status(tenant, *filter.status), "charge", true};
  return {tenant.key("charge") + "/", "charge", false};
}

}  // namespace

Task<Result<Listed<Charge>>> list_charges(Context& cx, TenantScope tenant, ChargeFilter filter, Page page) {
  if (filter.payment_hash) {
    Listed<Charge> listed;
    auto found = co_await find_by_hash(cx, tenant, *filter.payment_hash);
    const bool is_challenge = found && found->id.text().empty();  // a charge once it is paid
    if (found && !is_challenge && filter.matches(*found)) listed.items.push_back(std::move(*found));
    co_return listed;
  }
  auto walk = walk_of(tenant, filter);
  co_return co_await list_filtered<Charge>(cx, std::move(tenant), std::move(walk), std::move(page),
                                           [filter = std::move(filter)](const Charge& charge) { return filter.matches(charge); });
}

}  // namespace lntpay
