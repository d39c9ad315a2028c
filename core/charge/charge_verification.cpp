// A charge and its credit are written in one commit and never change, so they are compared as they are.
#include "core/charge/charge_verification.hpp"

#include <algorithm>

namespace lntpay {
namespace {

Task<Result<std::vector<std::optional<Charge>>>> charges_of(Context& cx, TenantScope tenant, std::vector<std::string> ids) {
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  for (const auto& id : ids) keys.push_back(tenant.key("charge", id));
  const auto rows = co_await cx.store.get_all(std::move(keys));
  std::vector<std::optional<Charge>> charges(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]) charges[i] = co_await from_row<Charge>(*rows[i]);
  }
  co_return charges;
}

bool is_credit_of(const LedgerEntry& entry, const Charge& charge) {
  return has_money(charge.status) && entry.transfer == credit_transfer_id(charge.payment_hash) && entry.available_msat >= 0 &&
         static_cast<std::uint64_t>(entry.available_msat) == charge.settled.value;
}

}  // namespace

Task<Result<std::optional<BrokenEntry>>> check_charge_entries(Context& cx, TenantScope tenant, std::vector<LedgerEntry> entries) {
  std::erase_if(entries, [](const LedgerEntry& entry) { return entry.type != EntryType::charge_credit; });
  std::vector<std::string> ids;
  for (const auto& entry : entries) ids.push_back(entry.reference);
  const auto charges = co_await charges_of(cx, std::move(tenant), std::move(ids));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (charges[i] && is_credit_of(entries[i], *charges[i])) continue;
    co_return BrokenEntry{entries[i].seq, "I6 a credit is what its charge received"};
  }
  co_return std::nullopt;
}

Task<Result<std::optional<std::string>>> find_missing_credit(Context& cx, TenantScope tenant, std::vector<std::string> ids) {
  const auto charges = co_await charges_of(cx, tenant, ids);
  std::vector<Bytes32> credits;
  for (std::size_t i = 0; i < charges.size(); ++i) {
    if (!charges[i]) co_return ids[i];  // its index row is left
    credits.push_back(credit_transfer_id(charges[i]->payment_hash));
  }
  const auto posted = co_await find_posted(cx, std::move(tenant), std::move(credits));
  const auto missing = std::ranges::find(posted, false);
  if (missing == posted.end()) co_return std::nullopt;
  co_return ids[static_cast<std::size_t>(missing - posted.begin())];
}

}  // namespace lntpay
