// The oracle's checks of charges, credits and gates' challenges at each commit, and of challenges in a quiet world. Until it is
// paid, a challenge is one row and one due row; its charge comes with the credit, and only then is the row `settled`.
#include <algorithm>

#include "tests/sim/oracle.hpp"

namespace lntpay::sim {
namespace {

/// Every transition of a charge, except that a paid challenge begins as one with money.
bool may_become(std::string_view from, std::string_view to) {
  static const std::set<std::string, std::less<>> transitions{">pending",           "pending>paid",      "pending>underpaid",
                                                              "pending>expired",    "pending>canceled",  "expired>paid_late",
                                                              "canceled>paid_late", "expired>underpaid", "canceled>underpaid"};
  return transitions.contains(std::string(from) + ">" + std::string(to));
}

bool has_money(std::string_view status) { return status == "paid" || status == "underpaid" || status == "paid_late"; }

bool is_challenge_key(std::string_view key) {
  if (key.starts_with('~')) return false;
  const auto parts = split(key, '/');
  return (parts.size() == 3 && parts[1] == "live_challenge") || (parts.size() == 5 && parts[3] == "challenge");
}

/// A live challenge is in a shard of its own: its row names the workspace.
std::string tenant_of(std::string_view key, std::string_view workspace) {
  const auto place = Place::of(key);
  if (!place.tenant.empty()) return place.tenant;
  return std::string(workspace.substr(3, 2)) + "/live/" + std::string(workspace);
}

std::string credited_key(const std::string& tenant, std::string_view payment_hash) {
  return (is_live(tenant) ? "live" : tenant) + "/" + std::string(payment_hash);
}

}  // namespace

/// An entry comes before its charge in a commit; the charge that a paid challenge makes has no earlier row.
void Oracle::saw_new_charges(const std::vector<RowChange>& changes) {
  for (const auto& change : changes) {
    const auto place = Place::of(change.key);
    if (place.room != "charge" || change.before != nullptr || change.after == nullptr) continue;
    const auto row = split(*change.after);
    charges_[key_of(place.tenant, row[charge_row::id])] = {.tenant = place.tenant,
                                                           .status = {},
                                                           .payment_hash = std::string(row[charge_row::payment_hash]),
                                                           .amount = number(row[charge_row::amount])};
  }
}

void Oracle::saw_charge(const Place& place, const RowChange& change, const std::vector<RowChange>& commit) {
  require(change.after != nullptr, "I5 a charge was deleted: ", std::string(change.key));
  const auto row = split(*change.after);
  const std::string id(row[charge_row::id]);
  auto& charge = charges_.at(key_of(place.tenant, id));
  const std::string status(row[charge_row::status]);
  require(charge.payment_hash == row[charge_row::payment_hash] && charge.amount == number(row[charge_row::amount]),
          "I5 a charge's amount or hash changed: ", id);
  if (change.before != nullptr && split(*change.before)[charge_row::refunded] != row[charge_row::refunded])
    check_refunds(place.tenant, charge, id, number(row[charge_row::refunded]));
  if (status == charge.status) return;
  const auto least = charge.amount != 0 ? charge.amount : number(row[charge_row::min]);
  require(!has_money(status) || (status == "underpaid") == (number(row[charge_row::settled]) < least), "a charge is ", status,
          " with ", std::string(row[charge_row::settled]), " msat of ", std::to_string(least), ": ", id);
  require(may_become(charge.status, status) || is_paid_challenge(charge, status), "a charge went from ", charge.status, " to ",
          status, ": ", id);
  require(has_money(status) || row[charge_row::gate_terms].empty(), "a challenge is a charge before it is paid: ", id);
  require_event(commit, status == "pending" ? "charge.created" : "charge." + status, id);
  require(!has_money(status) ||
              std::ranges::any_of(commit, [&](const RowChange& each) { return Place::of(each.key).room == "ledger"; }),
          "I6 a charge is ", status, " without an entry: ", id);
  charge.status = status;
  scene_.marks.reach("charge: " + status);
}

/// Refunds that have not failed are counted in the charge, and a new one exceeds what was paid only where an operator released one
/// that the node paid after all.
void Oracle::check_refunds(const std::string& tenant, const Charge& charge, const std::string& id, std::int64_t refunded) {
  std::int64_t sum = 0;
  std::int64_t given_up = 0;
  scene_.store.below(tenant + "/wd_by/charge/" + id + "/", [&](const std::string& key, const std::string&) {
    const auto row = split(*scene_.store.find(tenant + "/wd/" + key.substr(key.rfind('/') + 1)));
    require(row[withdrawal_row::refunds] == id, "a refund of another charge: ", key);
    const auto amount = number(row[withdrawal_row::amount]);
    if (row[withdrawal_row::status] != "failed") sum += amount;
    if (row[withdrawal_row::status] == "failed" && !row[withdrawal_row::sealed_preimage].empty()) given_up += amount;
    return true;
  });
  require(refunded == sum + given_up, "I16 a charge counts ", std::to_string(refunded), " msat of refunds, which are ",
          std::to_string(sum + given_up), ": ", id);
  require(sum <= charge.credited || given_up > 0, "I16 refunds exceed what was paid: ", id);
  scene_.marks.reach(sum == charge.credited ? "refund: of the whole payment" : "refund: counted");
}

bool Oracle::is_paid_challenge(const Charge& charge, std::string_view status) const {
  const auto challenge = challenges_.find(key_of(charge.tenant, charge.payment_hash));
  if (!charge.status.empty() || !has_money(status) || challenge == challenges_.end()) return false;
  return challenge->second.state == "issued" || challenge->second.state == "issuing";
}

void Oracle::check_credit(const Place& place, const std::vector<std::string_view>& entry) {
  const auto found = charges_.find(key_of(place.tenant, entry[ledger_row::reference]));
  require(found != charges_.end() && found->second.tenant == place.tenant,
          "I10 a credit for another tenant's charge: ", std::string(entry[ledger_row::reference]));
  auto& charge = found->second;
  ++charge.credits;
  require(credited_.insert(credited_key(place.tenant, charge.payment_hash)).second,
          "I6 a payment hash was credited twice: ", charge.payment_hash);
  const auto fact = received_for(place.tenant, charge.payment_hash);
  const auto amount = number(entry[ledger_row::available]);
  require(fact.happened && fact.amount == amount, "I6 credited ", std::to_string(amount), ", the node received ",
          std::to_string(fact.amount), " for ", charge.payment_hash);
  charge.credited = amount;
  if (charge.amount == 0) scene_.marks.reach("charge: the payer chose the amount");
  if (charge.amount != 0 && amount > charge.amount) scene_.marks.reach("charge: overpaid");
  books_[place.tenant].credited += amount;
}

Oracle::Fact Oracle::received_for(const std::string& tenant, const std::string& payment_hash) const {
  if (is_live(tenant)) {
    const auto found = lnd_.received.find(payment_hash);
    if (found == lnd_.received.end()) return {};
    return {true, static_cast<std::int64_t>(found->second)};
  }
  const auto* row = scene_.store.find(tenant + "/sandbox/invoice/" + payment_hash);
  if (row == nullptr) return {};
  const auto invoice = split(*row);
  return {!invoice[sandbox_invoice_row::paid_at].empty(), number(invoice[sandbox_invoice_row::paid])};
}

void Oracle::saw_challenge(const RowChange& change) {
  if (!is_challenge_key(change.key) || (change.before == nullptr && change.after == nullptr)) return;
  const auto row = split(change.after != nullptr ? *change.after : *change.before);
  const std::string payment_hash(row[challenge_row::payment_hash]);
  const auto tenant = tenant_of(change.key, row[challenge_row::workspace]);
  auto& challenge = challenges_[key_of(tenant, payment_hash)];
  if (change.after == nullptr) {
    check_deleted(challenge, change);
    challenge.state.clear();
    return;
  }
  if (challenge.state.empty()) {
    challenge = {.tenant = tenant,
                 .state = {},
                 .payment_hash = payment_hash,
                 .gate = std::string(row[challenge_row::gate]),
                 .amount = number(row[challenge_row::amount])};
  }
  require(change.key.ends_with(payment_hash) && challenge.gate == row[challenge_row::gate] &&
              challenge.amount == number(row[challenge_row::amount]),
          "I5 a challenge's hash, gate or amount changed: ", std::string(change.key));
  const std::string state(row[challenge_row::state]);
  require(state == "settled" || is_past(tenant) || has_due_row(change, payment_hash),
          "I14 an unpaid challenge has no due row: ", *change.after);
  if (state == challenge.state) return;
  static const std::set<std::string, std::less<>> transitions{">issuing", "issuing>issued", "issuing>settled", "issued>settled"};
  require(transitions.contains(challenge.state + ">" + state), "a challenge went from ", challenge.state, " to ", state, ": ",
          payment_hash);
  if (state == "settled") check_settled(challenge, row[challenge_row::charge]);
  if (state == "issued" && is_live(tenant)) live_challenges_.insert(payment_hash);
  challenge.state = state;
  scene_.marks.reach("challenge: " + state);
}

void Oracle::check_settled(const Challenge& challenge, std::string_view charge) const {
  const auto found = charges_.find(key_of(challenge.tenant, charge));
  require(found != charges_.end() && found->second.payment_hash == challenge.payment_hash && found->second.credits == 1,
          "I6 a challenge is settled before its credit: ", challenge.payment_hash);
}

/// A row is deleted with its due row, and only when nobody can pay any more. What was never issued nobody has.
void Oracle::check_deleted(const Challenge& challenge, const RowChange& change) {
  if (is_past(challenge.tenant)) return;
  const auto& payment_hash = challenge.payment_hash;
  // One whose hash repeats that of a charge is never issued.
  const bool is_paid = received_for(challenge.tenant, payment_hash).happened;
  const bool is_of_a_charge = challenge.state == "issuing" && scene_.random_repeats;
  require(challenge.state != "settled" && (!is_paid || is_of_a_charge), "I6 a paid challenge was deleted: ", *change.before);
  require(!has_due_row(change, payment_hash), "a challenge was deleted without its due row: ", *change.before);
  auto& marks = scene_.marks;
  if (challenge.state == "issuing") return marks.reach("challenge: deleted, never issued");
  if (!is_live(challenge.tenant)) return marks.reach("challenge: deleted in a sandbox");
  const auto at_node = lnd_.state_of_invoice(payment_hash);
  require(at_node.empty() || at_node == "CANCELED", "I6 a challenge was deleted that can be paid: ", *change.before);
  marks.reach(at_node.empty() ? "challenge: deleted, unknown to the node" : "challenge: deleted, canceled at the node");
}

bool Oracle::has_due_row(const RowChange& change, const std::string& payment_hash) const {
  bool found = false;
  scene_.store.below(std::string(change.key.substr(0, 2)) + "/due/challenge/", [&](const std::string& key, const std::string&) {
    found = key.ends_with("/" + payment_hash);
    return !found;
  });
  return found;
}

std::string Oracle::state_of_challenge(const std::string& tenant, const std::string& payment_hash) const {
  const auto found = challenges_.find(key_of(tenant, payment_hash));
  return found == challenges_.end() ? std::string{} : found->second.state;
}

std::int64_t Oracle::settled_live_challenges() const {
  return std::ranges::count_if(challenges_,
                               [](const auto& each) { return is_live(each.second.tenant) && each.second.state == "settled"; });
}

void Oracle::check_challenges() const {
  for (const auto& [key, challenge] : challenges_) {
    if (is_past(challenge.tenant)) continue;
    const bool is_credited = credited_.contains(credited_key(challenge.tenant, challenge.payment_hash));
    require(!received_for(challenge.tenant, challenge.payment_hash).happened || is_credited,
            "I6 the node received for a challenge that is ", challenge.state, ": ", key);
    require(challenge.state.empty() || challenge.state == "settled", "I14 an unpaid challenge is still ", challenge.state, ": ",
            key);
  }
  for (const auto& [payment_hash, amount] : lnd_.received) {
    require(credited_.contains("live/" + payment_hash), "I6 the node received for ", payment_hash, ", which is not credited");
  }
}

void Oracle::check_challenges_an_hour_later() const {
  for (const auto& [key, challenge] : challenges_) {
    if (is_past(challenge.tenant) || challenge.state.empty() || challenge.state == "settled") continue;
    const auto at_node = is_live(challenge.tenant) ? lnd_.state_of_invoice(challenge.payment_hash) : "OPEN";
    const bool forgotten = at_node.empty() || lnd_.has_hidden(challenge.payment_hash);
    require(forgotten || at_node == "ACCEPTED", "I14 an hour later an unpaid challenge is still ", challenge.state, ": ", key);
  }
}

}  // namespace lntpay::sim
