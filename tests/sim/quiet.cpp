// The oracle's checks in a quiet world.
#include "tests/sim/oracle.hpp"

#include <algorithm>

namespace lntpay::sim {
namespace {

bool is_final(std::string_view status) {
  return status == "succeeded" || status == "failed" || status == "paid" || status == "underpaid" || status == "paid_late";
}

}  // namespace

/// The object's key in any generation of the tenant; empty if no commit created it.
std::string Oracle::key_of_seen(const std::string& tenant, std::string_view kind, const std::string& id) const {
  for (auto each = generation(tenant); each >= 0; --each) {
    auto key = generation_of(lasting(tenant), each) + "/" + id;
    if (kind == "charge" ? charges_.contains(key) : withdrawals_.contains(key)) return key;
  }
  return {};
}

void Oracle::saw(const std::string& tenant, std::string_view object) {
  const auto kind = member(object, "object");
  if (kind != "charge" && kind != "withdrawal") return;
  const std::string id(member(object, "id"));
  const std::string status(member(object, "status"));
  const auto key = key_of_seen(tenant, kind, id);
  const auto charge = charges_.find(key);
  const auto withdrawal = withdrawals_.find(key);
  require(!key.empty(), "I10 a client saw ", id, ", which no commit of its tenant created");
  const auto amount = kind == "charge" ? charge->second.amount : withdrawal->second.amount;
  require(number(member(object, "amount_msat")) == amount, "a client saw another amount: ", id);
  auto& last = seen_[key];
  require(!is_final(last) || last == status || !is_final(status), "a client saw that ", id, " is ", last, " and then ", status);
  if (is_final(status)) last = status;
}

void Oracle::check_quiet() const {
  check_challenges();
  std::map<std::string, std::int64_t> received, spent;
  for (const auto& [id, charge] : charges_) {
    if (is_past(charge.tenant)) continue;
    const auto fact = received_for(charge.tenant, charge.payment_hash);
    require(!fact.happened || charge.credits == 1, "I6 the node received for ", id, ", but it is not credited; it is ",
            charge.status);
    require(charge.status != "pending", "I14 a charge is still pending: ", id);
    if (fact.happened) received[charge.tenant] += fact.amount;
  }
  for (const auto& [id, withdrawal] : withdrawals_) {
    if (is_past(withdrawal.tenant)) continue;
    require(withdrawal.status == "succeeded" || withdrawal.status == "failed" || withdrawal.status == "abandoned",
            "I14 a withdrawal is still ", withdrawal.status, ": ", id);
    const auto fact = paid_for(withdrawal.tenant, withdrawal.payment_hash);
    if (withdrawal.given_up && fact.happened) {
      // Its cost is posted as soon as the balance covers it, unless another withdrawal has claimed the hash.
      const auto& books = books_.at(withdrawal.tenant);
      const auto took = withdrawal.amount + fact.fee;
      const bool taken_over = std::ranges::any_of(withdrawals_, [&](const auto& other) {
        return other.first != id && other.second.payment_hash == withdrawal.payment_hash &&
               is_live(other.second.tenant) == is_live(withdrawal.tenant);
      });
      require(
          withdrawal.adjustments == 1 || books.available + books.suspense < took || taken_over,
          "I14 resolved as failed, then paid, but not adjusted: ", *scene_.store.find(withdrawal.tenant + "/wd/" + withdrawal.id));
      if (withdrawal.adjustments == 1) spent[withdrawal.tenant] += took;
    }
    if (withdrawal.status != "succeeded") continue;
    require(fact.happened, "I7 succeeded, though the node has not paid: ", id);
    spent[withdrawal.tenant] += fact.amount + fact.fee;
  }
  for (const auto& [payment_hash, payments] : lnd_.paid) {
    int succeeded = 0;
    const auto [first, last] = live_by_hash_.equal_range(payment_hash);
    for (auto each = first; each != last; ++each) succeeded += withdrawals_.at(each->second).status == "succeeded" ? 1 : 0;
    require(succeeded == 1 && payments.size() == 1, "I7 the node paid ", payment_hash, " for ", std::to_string(succeeded),
            " withdrawals");
  }
  for (const auto& [tenant, books] : books_) {
    if (is_past(tenant)) continue;
    const auto holds = received[tenant] - spent[tenant] + books.put_back;
    require(books.available + books.locked + books.suspense == holds, "I8 ", tenant, " has ",
            std::to_string(books.available + books.locked), " and the node holds ", std::to_string(holds));
    require(books.locked == 0, "I3 an amount is locked in a quiet world: ", tenant);
  }
  for (const auto& [id, status] : seen_) {
    if (is_past(id.substr(0, id.rfind('/')))) continue;
    const auto charge = charges_.find(id);
    const auto& now = charge != charges_.end() ? charge->second.status : withdrawals_.at(id).status;
    require(status.empty() || status == now, "a client saw that ", id, " is ", status, ", and it is ", now);
  }
}

}  // namespace lntpay::sim
