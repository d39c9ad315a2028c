// The oracle's checks at each commit.
#include "tests/sim/oracle.hpp"

#include <algorithm>

#include "tests/sim/naive_sha256.hpp"

namespace lntpay::sim {
namespace {

std::string_view shard_of(std::string_view key) { return key.substr(key.starts_with('~') ? 1 : 0, 2); }

bool holds_lock(std::string_view status) {
  return status == "pending" || status == "dispatched" || status == "unknown" || status == "needs_review";
}

/// Every transition that docs/money.md allows.
bool may_follow(std::string_view from, std::string_view to) {
  static const std::set<std::string, std::less<>> transitions{
      ">claiming",          "claiming>pending",     "claiming>abandoned", "abandoned>claiming",      "pending>dispatched",
      "pending>failed",     "pending>needs_review", "dispatched>unknown", "dispatched>needs_review", "dispatched>succeeded",
      "dispatched>failed",  "unknown>needs_review", "unknown>succeeded",  "unknown>failed",          "needs_review>succeeded",
      "needs_review>failed"};
  return transitions.contains(std::string(from) + ">" + std::string(to));
}

std::string event_of(std::string_view status) {
  if (status == "pending") return "withdrawal.created";
  if (status == "needs_review") return "withdrawal.unknown";
  if (status == "claiming" || status == "abandoned") return {};
  return "withdrawal." + std::string(status);
}

/// I7: the row that makes a transfer unique is in the commit of its entry, and names it.
void require_entry(const Place& transfer, const RowChange& change, const std::vector<RowChange>& commit) {
  const auto named = split(*change.after);
  const auto is_its_entry = [&](const RowChange& each) {
    const auto place = Place::of(each.key);
    if (each.after == nullptr || place.room != "ledger" || place.tenant != transfer.tenant) return false;
    const auto entry = split(*each.after);
    return entry[ledger_row::transfer] == transfer.rest && entry[ledger_row::id] == named[transfer_row::entry] &&
           entry[ledger_row::seq] == named[transfer_row::seq];
  };
  require(named.size() == 3 && std::ranges::any_of(commit, is_its_entry),
          "I7 a transfer's row names no entry: ", std::string(change.key));
}

}  // namespace

Oracle::Oracle(Scene& scene, LndModel& lnd) : scene_(scene), lnd_(lnd) {
  scene.store.on_commit = [this](const std::vector<RowChange>& changes) { committed(changes); };
  lnd.is_challenge = [this](const std::string& payment_hash) { return live_challenges_.contains(payment_hash); };
  lnd.may_forget = [this](const std::string& payment_hash) { return may_forget(payment_hash); };
  lnd.on_paid = [this](const std::string& payment_hash, const Paid& paid) { node_paid(payment_hash, paid); };
}

void Oracle::committed(const std::vector<RowChange>& changes) {
  std::set<std::string> touched;
  std::set<std::string> pruned;
  saw_new_charges(changes);
  for (const auto& change : changes) {
    require(shard_of(change.key) == shard_of(changes.front().key),
            "a commit touches two shards: ", std::string(changes.front().key), " and ", std::string(change.key));
    const auto place = Place::of(change.key);
    if (place.room == "ledger") saw_entry(place, change);
    const bool is_pruned =
        change.before != nullptr && change.after == nullptr && (place.room == "event" || place.room == "event_id");
    if (is_pruned) {
      if (place.room == "event") saw_pruned(place, change);
      pruned.insert(place.tenant);
      continue;
    }
    if (place.room == "transfer" || place.room == "event_id") {
      require(change.before == nullptr && change.after != nullptr, "I5 a final row changed: ", std::string(change.key));
    }
    if (place.room == "transfer") require_entry(place, change, changes);
    if (place.room == "event") saw_event(place, change);
    if (place.room == "event") check_deliveries(place, change, changes);
    if (place.room == "whe" && change.after != nullptr) urls_[std::string(place.rest)] = split(*change.after)[endpoint_row::url];
    if (place.room == "delivery") saw_delivery(place, change);
    if (place.room == "flight" && change.after != nullptr) saw_flight(place, change);
    if (place.room == "charge") saw_charge(place, change, changes);
    if (place.room == "wd") saw_withdrawal(place, change, changes);
    if (place.room == "sandbox" && place.rest.starts_with("payment/")) saw_sandbox_payment(place, change);
    if (place.room == "sandbox" && place.rest == "controls" && change.after != nullptr &&
        split(*change.after)[controls_row::faults].contains("payments_forgotten"))
      forgetful_.insert(lasting(place.tenant));
    if (place.room == "head") touched.insert(place.tenant);
    if (place.room == "dead" && change.after != nullptr) scene_.marks.reach("webhook: dead-lettered");
    if (change.key.size() > 6 && change.key.ends_with("/guard") && change.before != nullptr)
      scene_.marks.reach("payment-hash lock: replaced");
  }
  for (const auto& change : changes) saw_challenge(change);
  for (const auto& tenant : touched) check_head(tenant);
  for (const auto& tenant : pruned) check_pruned(tenant);
}

void Oracle::check_head(const std::string& tenant) {
  const auto* row = scene_.store.find(tenant + "/head");
  require(row != nullptr, "I5 an account row was deleted");
  const auto head = split(*row);
  const auto& books = books_[tenant];
  require(number(head[head_row::available]) == books.available && number(head[head_row::locked]) == books.locked &&
              number(head[head_row::suspense]) == books.suspense,
          "I4 the stored balances are not the sum of the entries: ", *row);
  require(number(head[head_row::entries]) == books.entries && head[head_row::chain] == books.chain,
          "I5 the account's chain: ", *row);
  require(number(head[head_row::events]) == books.events, "I11 the account's event count is wrong: ", *row);
  require(books.locked == books.reserved, "I3 locked ", std::to_string(books.locked), ", reserved ",
          std::to_string(books.reserved));
  require(books.suspense == books.explained - books.paid_late - books.overcharged,
          "I8 suspense is not zero, but no node exceeded its limit");
}

std::int64_t Oracle::generation(const std::string& tenant) const {
  if (is_live(tenant)) return 0;
  const auto* row = scene_.store.find(lasting(tenant) + "/sandbox/controls");
  return row == nullptr ? 0 : number(split(*row)[controls_row::generation]);
}

void Oracle::saw_entry(const Place& place, const RowChange& change) {
  require(change.before == nullptr && change.after != nullptr, "I5 a ledger entry changed: ", std::string(change.key));
  const auto entry = split(*change.after);
  auto& books = books_[place.tenant];
  require(number(entry[ledger_row::seq]) == ++books.entries, "I5 the ledger has a gap: ", *change.after);
  const auto text = std::string_view(*change.after).substr(0, change.after->rfind('|'));
  const auto hash = to_hex(naive_sha256(from_hex(books.chain) + std::string(text)));
  require(entry[ledger_row::previous] == books.chain && entry[ledger_row::hash] == hash, "I5 the hash chain: ", *change.after);
  books.chain = hash;
  books.available += number(entry[ledger_row::available]);
  books.locked += number(entry[ledger_row::locked]);
  books.suspense += number(entry[ledger_row::suspense]);
  require(books.available >= 0 && books.locked >= 0, "I2 an account is negative: ", *change.after);
  require(number(entry[ledger_row::available_after]) == books.available && number(entry[ledger_row::locked_after]) == books.locked,
          "I4 the balances after an entry: ", *change.after);
  if (entry[ledger_row::type] == "charge.credit") {
    check_credit(place, entry);
  } else {
    check_lock_or_end(place, entry);
  }
}

/// An operator's adjustment of suspense.
void Oracle::check_ticket(const std::string& tenant, const std::vector<std::string_view>& entry) {
  require(tickets_.insert(key_of(tenant, entry[ledger_row::reference])).second, "I7 a ticket has two adjustments");
  const auto explained = number(entry[ledger_row::suspense]);
  const auto borne = -number(entry[ledger_row::available]);
  require(explained > 0 && number(entry[ledger_row::locked]) == 0 && (borne == explained || borne == 0),
          "I1 an adjustment is not balanced");
  auto& books = books_[tenant];
  books.explained += explained;
  books.put_back += explained - borne;
  require(books.explained <= books.paid_late + books.overcharged, "I8 more is adjusted than was in suspense");
  scene_.marks.reach("suspense: explained by the operator");
}

void Oracle::check_lock_or_end(const Place& place, const std::vector<std::string_view>& entry) {
  if (entry[ledger_row::type] == "adjustment" && !entry[ledger_row::reference].starts_with("wd_")) {
    return check_ticket(place.tenant, entry);
  }
  const auto found = withdrawals_.find(key_of(place.tenant, entry[ledger_row::reference]));
  require(found != withdrawals_.end() && found->second.tenant == place.tenant,
          "I10 an entry for another tenant's withdrawal: ", std::string(entry[ledger_row::reference]));
  auto& withdrawal = found->second;
  const auto total = withdrawal.amount + withdrawal.fee_limit;
  const auto available = number(entry[ledger_row::available]);
  const auto locked = number(entry[ledger_row::locked]);
  const auto type = entry[ledger_row::type];
  if (type == "adjustment") return check_adjustment(withdrawal, entry);
  if (type == "withdrawal.lock") {
    require(++withdrawal.locks == 1, "I7 a withdrawal was locked twice: ", withdrawal.id);
    require(available == -total && locked == total, "I1 a lock is not amount and fee limit: ", withdrawal.id);
    return;
  }
  require(++withdrawal.resolves == 1 && withdrawal.locks == 1, "I7 a withdrawal resolves at most once: ", withdrawal.id);
  require(locked == -total, "I1 a resolution is not of the whole lock: ", withdrawal.id);
  if (type == "withdrawal.settle") return check_settle(withdrawal, entry);
  require(type == "withdrawal.release" && available == total, "I1 a release is not of the whole lock: ", withdrawal.id);
  const auto row = split(*scene_.store.find(place.tenant + "/wd/" + withdrawal.id));
  withdrawal.given_up = row[withdrawal_row::ended_by] == "operator" && !row[withdrawal_row::sends].empty();
  require(withdrawal.given_up || !paid_for(place.tenant, withdrawal.payment_hash).happened,
          "I7 released, though the node has paid: ", withdrawal.id);
}

void Oracle::check_adjustment(Withdrawal& withdrawal, const std::vector<std::string_view>& entry) {
  require(withdrawal.given_up && withdrawal.status == "failed", "an adjustment without an operator's resolution: ", withdrawal.id);
  require(++withdrawal.adjustments == 1, "adjusted twice: ", withdrawal.id);
  const auto fact = paid_for(withdrawal.tenant, withdrawal.payment_hash);
  require(fact.happened, "adjusted, though the node has not paid: ", withdrawal.id);
  const auto took = withdrawal.amount + fact.fee;
  require(number(entry[ledger_row::available]) == 0 && number(entry[ledger_row::locked]) == 0 &&
              number(entry[ledger_row::suspense]) == -took,
          "I8 an adjustment is not the node's cost: ", withdrawal.id);
  auto& books = books_[withdrawal.tenant];
  books.paid_late += took;
  books.paid_out += took;
  require(books.paid_out <= books.credited + books.put_back + books.overcharged,
          "I9 paid out more than was credited: ", withdrawal.tenant);
  scene_.marks.reach("withdrawal: given up, then paid");
}

void Oracle::check_settle(const Withdrawal& withdrawal, const std::vector<std::string_view>& entry) {
  const auto fact = paid_for(withdrawal.tenant, withdrawal.payment_hash);
  require(fact.happened, "I7 settled, though the node has not paid: ", withdrawal.id);
  require(fact.amount == withdrawal.amount, "I8 the node paid another amount than was locked: ", withdrawal.id);
  const auto excess = std::max<std::int64_t>(fact.fee - withdrawal.fee_limit, 0);
  require(number(entry[ledger_row::available]) == withdrawal.fee_limit - fact.fee + excess,
          "I1 the rest of the fee limit is not returned: ", withdrawal.id);
  require(number(entry[ledger_row::suspense]) == -excess, "I8 a cost above the limit is not in suspense: ", withdrawal.id);
  if (fact.fee == withdrawal.fee_limit) scene_.marks.reach("withdrawal: the route's fee is the limit");
  auto& books = books_[withdrawal.tenant];
  books.paid_out += fact.amount + fact.fee;
  books.overcharged += excess;
  require(books.paid_out <= books.credited + books.put_back + books.overcharged,
          "I9 paid out more than was credited: ", withdrawal.tenant);
}

void Oracle::saw_withdrawal(const Place& place, const RowChange& change, const std::vector<RowChange>& commit) {
  require(change.after != nullptr, "I5 a withdrawal was deleted: ", std::string(change.key));
  const auto row = split(*change.after);
  const std::string id(row[withdrawal_row::id]);
  const auto key = key_of(place.tenant, id);
  auto& withdrawal = withdrawals_[key];
  const std::string status(row[withdrawal_row::status]);
  if (withdrawal.id.empty()) {
    withdrawal = {.id = id,
                  .tenant = place.tenant,
                  .status = {},
                  .payment_hash = std::string(row[withdrawal_row::payment_hash]),
                  .amount = number(row[withdrawal_row::amount]),
                  .fee_limit = number(row[withdrawal_row::fee_limit])};
    if (is_live(place.tenant)) live_by_hash_.emplace(withdrawal.payment_hash, key);
  }
  require(
      withdrawal.amount == number(row[withdrawal_row::amount]) && withdrawal.fee_limit == number(row[withdrawal_row::fee_limit]),
      "I3 a reservation changed: ", id);
  withdrawal.sends = row[withdrawal_row::sends].empty() ? 0 : split(row[withdrawal_row::sends], ',').size();
  if (withdrawal.sends > 1) scene_.marks.reach("withdrawal: resent");
  if (status == withdrawal.status) return;
  require(may_follow(withdrawal.status, status), "a withdrawal went from ", withdrawal.status, " to ", status, ": ", id);
  require_event(commit, event_of(status), id);
  const bool by_hand = withdrawal.status == "needs_review";
  require(!by_hand || std::ranges::any_of(commit, [](const RowChange& each) { return Place::of(each.key).room == "audit"; }),
          "a review ended without an audit record: ", id);
  const auto total = withdrawal.amount + withdrawal.fee_limit;
  auto& books = books_[place.tenant];
  if (holds_lock(status) && !holds_lock(withdrawal.status)) {
    books.reserved += total;
    for (const auto& [other_key, other] : withdrawals_) {
      const bool same = other.payment_hash == withdrawal.payment_hash && is_live(other.tenant) == is_live(place.tenant);
      if (!same || other_key == key || is_past(other.tenant)) continue;
      require(!(holds_lock(other.status) || other.status == "succeeded"), "rule 5: two withdrawals hold one payment hash: ", id,
              " and ", other.id);
    }
  }
  if (!holds_lock(status) && holds_lock(withdrawal.status)) books.reserved -= total;
  if (status == "claiming" && withdrawal.status == "abandoned") scene_.marks.reach("withdrawal: abandoned claim resumed");
  if (status == "failed") mark_release(row);
  if (status == "needs_review") check_review(withdrawal, row[withdrawal_row::reason]);
  withdrawal.status = status;
  scene_.marks.reach("withdrawal: " + status);
}

void Oracle::mark_release(const std::vector<std::string_view>& row) {
  const auto reason = row[withdrawal_row::reason];
  const auto sends = split(row[withdrawal_row::sends], ',');
  const bool quiet = !row[withdrawal_row::quiet_poll_at].empty();
  auto& marks = scene_.marks;
  if (row[withdrawal_row::sends].empty()) return marks.reach("release: fence 1, nothing was sent");
  if (reason == "resolved by the operator") return marks.reach("release: by the operator");
  if (reason == "the node rejected every send and has no payment") return marks.reach("release: fence 2c, every send was refused");
  if (reason == "the node had no payment in two polls after the expiry") return marks.reach("release: fence 3, not found twice");
  if (!std::ranges::contains(sends, std::string_view("open"))) return marks.reach("release: fence 2, every send answered");
  if (sends.size() == 1 && !quiet) return marks.reach("release: fence 2b, one send");
  marks.reach("release: fence 3, failed twice");
}

Oracle::Fact Oracle::paid_for(const std::string& tenant, const std::string& payment_hash) const {
  if (is_live(tenant)) {
    const auto found = lnd_.paid.find(payment_hash);
    if (found == lnd_.paid.end()) return {};
    const auto& last = found->second.back();
    return {true, static_cast<std::int64_t>(last.amount_msat), static_cast<std::int64_t>(last.fee_msat)};
  }
  const auto* row = scene_.store.find(tenant + "/sandbox/payment/" + payment_hash);
  if (row == nullptr) return {};
  const auto payment = split(*row);
  if (payment[sandbox_payment_row::succeeds] != "1") return {};
  std::int64_t amount = 0;  // the sandbox pays any amount
  for (const auto& [id, withdrawal] : withdrawals_) {
    if (withdrawal.tenant == tenant && withdrawal.payment_hash == payment_hash && withdrawal.locks == 1 &&
        withdrawal.status != "failed")
      amount = withdrawal.amount;
  }
  return {true, amount, number(payment[sandbox_payment_row::fee])};
}

void Oracle::node_paid(const std::string& payment_hash, const Paid& paid) {
  require(lnd_.paid.at(payment_hash).size() == 1, "I7 the node paid a hash twice: ", payment_hash);
  const Withdrawal* payer = nullptr;
  const auto [first, last] = live_by_hash_.equal_range(payment_hash);
  for (auto each = first; each != last; ++each) {
    const auto& withdrawal = withdrawals_.at(each->second);
    if (holds_lock(withdrawal.status) || withdrawal.status == "succeeded") payer = &withdrawal;
  }
  require(payer != nullptr, "I7 the node paid ", payment_hash, ", and every withdrawal for it has failed");
  require(payer->status != "pending", "I7 the node paid before the send was recorded: ", payer->id);
  require(static_cast<std::int64_t>(paid.fee_msat - paid.excess_msat) <= payer->fee_limit,
          "I9 the node got another fee limit: ", payer->id);
}

void Oracle::saw_sandbox_payment(const Place& place, const RowChange& change) {
  if (change.after == nullptr || split(*change.after)[sandbox_payment_row::succeeds] != "1") return;
  const auto payment_hash = place.rest.substr(place.rest.find('/') + 1);
  const auto pays = [&](const auto& each) {
    return each.second.tenant == place.tenant && each.second.payment_hash == payment_hash && holds_lock(each.second.status);
  };
  require(std::ranges::any_of(withdrawals_, pays), "I7 the sandbox paid ", std::string(payment_hash),
          ", and nothing is locked for it");
}

bool Oracle::may_forget(const std::string& payment_hash) const {
  const auto [first, last] = live_by_hash_.equal_range(payment_hash);
  for (auto each = first; each != last; ++each) {
    const auto& withdrawal = withdrawals_.at(each->second);
    if (!holds_lock(withdrawal.status) || withdrawal.status == "pending") continue;
    const auto* row = scene_.store.find(withdrawal.tenant + "/wd/" + withdrawal.id);
    if (split(*row)[withdrawal_row::seen] != "1") return false;
  }
  return true;
}

}  // namespace lntpay::sim
