// Actions of clients and of the outside world: one random action per step.
#include <algorithm>

#include "tests/sim/clients.hpp"

namespace lntpay::sim {
namespace {

std::string quoted(std::string_view name, std::string_view text) {
  return "\"" + std::string(name) + "\":\"" + std::string(text) + "\"";
}
std::string numbered(std::string_view name, std::uint64_t number) {
  return "\"" + std::string(name) + "\":" + std::to_string(number);
}

}  // namespace

struct Clients::Action {
  unsigned weight;
  void (Clients::*run)();
};

constexpr Clients::Action Clients::actions[] = {
    {20, &Clients::create_charge},
    {22, &Clients::pay_charge},
    {2, &Clients::expire_charge},
    {5, &Clients::cancel_charge},
    {4, &Clients::get_charge},
    {8, &Clients::make_invoice},
    {18, &Clients::withdraw},
    {2, &Clients::withdraw_invalid},
    {4, &Clients::get_withdrawal},
    {3, &Clients::cancel_withdrawal},
    {3, &Clients::reconcile_withdrawal},
    {1, &Clients::quote},
    {9, &Clients::retry},
    {2, &Clients::reuse_key},
    {2, &Clients::read_other_workspace},
    {2, &Clients::read_ledger},
    {5, &Clients::list},
    {4, &Clients::follow_events},
    {3, &Clients::make_endpoint},
    {3, &Clients::change_endpoint},
    {1, &Clients::change_webhook_secret},
    {3, &Clients::receiver_changes},
    {1, &Clients::make_key},
    {3, &Clients::fund},
    {2, &Clients::advance_sandbox},
    {1, &Clients::reset_sandbox},
    {2, &Clients::sandbox_fails},
    {6, &Clients::give_up},
    {2, &Clients::explain},
    {6, &Clients::node_incident},
    {5, &Clients::clock_incident},
};

void Clients::act() {
  follow_resets();
  unsigned total = 0;
  for (const auto& action : actions) total += action.weight;
  auto drawn = scene_.random.below(total);
  for (const auto& action : actions) {
    if (drawn < action.weight) return (this->*action.run)();
    drawn -= action.weight;
  }
}

std::size_t Clients::any_shop(bool live_only, bool test_only) {
  for (;;) {
    const auto shop = scene_.random.below(shops.size());
    if (live_only && !shops[shop].live) continue;
    if (test_only && shops[shop].live) continue;
    return shop;
  }
}

void Clients::create_charge() {
  auto& random = scene_.random;
  const auto shop = any_shop();
  const auto amount = random.one_in(4) ? random.from(1, 5'000) : random.from(1, 2'000) * 1'000;
  std::string body = "{";
  if (!random.one_in(6)) {
    body += numbered("amount_msat", amount) + ",";
  } else if (random.one_in(2)) {  // the payer chooses the amount
    body += numbered("min_msat", amount) + "," + numbered("max_msat", 2 * amount) + ",";
  }
  body += numbered("expires_in", random.pick(std::array{60U, 600U, 3'600U, 86'400U})) + ",\"metadata\":{" +
          quoted("n", "n" + std::to_string(asks_.size())) + "}";
  if (random.one_in(2)) body += "," + quoted("external_id", "order-" + std::to_string(random.below(4)));
  if (random.one_in(3)) body += "," + quoted("description", "a coffee");
  if (shops[shop].has_webhook_secret && random.one_in(2)) {
    const auto origin = "https://till-" + std::to_string(random.below(2)) + ".example.com/";
    body += "," + quoted("webhook_url", origin + std::to_string(shop) + "/" + std::to_string(random.below(2)));
  }
  ask(shop, "POST", "/v1/charges", body + "}", random.one_in(5) ? "" : fresh_key());
}

void Clients::pay_charge() {
  auto& random = scene_.random;
  const auto shop = any_shop();
  if (shops[shop].charges.empty()) return create_charge();
  const auto back = random.one_in(3) ? shops[shop].charges.size() : std::min<std::size_t>(3, shops[shop].charges.size());
  pay_item(shop, shops[shop].charges[shops[shop].charges.size() - 1 - random.below(back)]);
}

void Clients::pay_item(std::size_t shop, const Shop::Item charge) {
  auto& random = scene_.random;
  auto amount = charge.amount_msat;
  if (amount == 0) {
    amount = random.from(1, 4'000'000);
  } else if (random.one_in(5)) {
    amount += random.below(amount + 1);
  }
  if (shops[shop].live) {
    scene_.narrate("  a payer pays ", charge.id);
    if (random.one_in(6)) {
      lnd_.hold(charge.payment_hash, amount, random.span(seconds(5), hours(2)), !random.one_in(3));
    } else {
      lnd_.pay(charge.payment_hash, amount);
    }
    return;
  }
  std::string body = "{" + numbered("amount_msat", amount);
  if (random.one_in(4)) body += "," + numbered("delay_ms", random.below(120'000));
  ask(shop, "POST", "/v1/sandbox/charges/" + charge.id + "/pay", body + "}", random.one_in(3) ? "" : fresh_key());
}

void Clients::expire_charge() {
  const auto shop = any_shop(false, true);
  if (shops[shop].charges.empty()) return;
  ask(shop, "POST", "/v1/sandbox/charges/" + scene_.random.pick(shops[shop].charges).id + "/expire");
}

void Clients::cancel_charge() {
  const auto shop = any_shop();
  if (shops[shop].charges.empty()) return;
  ask(shop, "POST", "/v1/charges/" + scene_.random.pick(shops[shop].charges).id + "/cancel", {},
      scene_.random.one_in(2) ? "" : fresh_key());
}

void Clients::get_charge() {
  const auto shop = any_shop();
  if (shops[shop].charges.empty()) return;
  const auto wait = scene_.random.one_in(2) ? "" : "?wait=" + std::to_string(scene_.random.below(26));
  ask(shop, "GET", "/v1/charges/" + scene_.random.pick(shops[shop].charges).id + wait);
}

void Clients::make_invoice() {
  auto& random = scene_.random;
  const auto amount = random.one_in(6) ? std::nullopt : std::optional(random.from(1, 600) * 1'000);
  const auto expiry = random.pick(std::array{60U, 600U, 600U, 3'600U, 7'200U});
  const auto shop = any_shop();
  if (shops[shop].live) {
    static constexpr Fate fates[] = {Fate::succeeds,     Fate::succeeds, Fate::fails,  Fate::slow,
                                     Fate::slow_to_fail, Fate::held,     Fate::fickle, Fate::fickle};
    const auto made = lnd_.create_external_invoice(amount, expiry, random.pick(fates));
    payables.push_back({made.bolt11, made.payment_hash, amount});
    if (!random.one_in(3)) withdraw_to(shop, payables.back(), random.one_in(6));
    return;
  }
  static constexpr std::string_view behaviors[] = {"succeed", "fail", "slow", "stuck", "unknown_then_succeed", "unknown_then_fail"};
  std::string body = "{" + quoted("behavior", random.pick(behaviors)) + "," + numbered("expires_in", expiry);
  if (amount) body += "," + numbered("amount_msat", *amount);
  ask(shop, "POST", "/v1/sandbox/invoices", body + "}", random.one_in(3) ? "" : fresh_key());
}

void Clients::withdraw_to(std::size_t shop, const Payable payable, bool race) {
  auto& random = scene_.random;
  std::string body = "," + quoted("bolt11", payable.bolt11);
  if (!payable.amount_msat) body += "," + numbered("amount_msat", random.from(1, 300) * 1'000);
  if (random.one_in(3)) body += "," + numbered("max_fee_msat", random.below(20'000));
  if (random.one_in(3)) body += "," + quoted("external_id", "payout-" + std::to_string(random.below(3)));
  const auto numbered_body = [&] { return "{\"metadata\":{" + quoted("n", "n" + std::to_string(asks_.size())) + "}" + body + "}"; };
  const auto& charges = shops[shop].charges;
  const auto target =
      !charges.empty() && random.one_in(4) ? "/v1/charges/" + random.pick(charges).id + "/refund" : "/v1/withdrawals";
  ask(shop, "POST", target, numbered_body(), fresh_key());
  if (!race) return;
  scene_.marks.reach("withdrawal: two race for one invoice");
  const auto other = random.one_in(2) ? shop : any_shop(shops[shop].live, !shops[shop].live);
  ask(other, "POST", "/v1/withdrawals", numbered_body(), fresh_key());
}

void Clients::withdraw() {
  auto& random = scene_.random;
  const auto shop = any_shop();
  const bool race = random.one_in(6);
  if (shops[shop].live) {
    if (payables.empty()) return make_invoice();
    const auto recent = random.one_in(4) ? payables.size() : std::min<std::size_t>(2, payables.size());
    return withdraw_to(shop, payables[payables.size() - 1 - random.below(recent)], race);
  }
  if (sandbox_payables.empty()) return make_invoice();
  // Each test workspace has its own sandbox, which can only pay its own invoices.
  const auto& [owner, payable] = random.pick(sandbox_payables);
  withdraw_to(random.one_in(10) ? shop : owner, payable, race);
}

void Clients::withdraw_invalid() {
  auto& random = scene_.random;
  const auto shop = any_shop();
  std::string bolt11 = "lnbcrt1qqqqqq";
  if (random.one_in(2) && !shops[shop].charges.empty()) bolt11 = random.pick(shops[shop].charges).bolt11;  // our own node's
  if (random.one_in(4) && !sandbox_payables.empty()) bolt11 = random.pick(sandbox_payables).second.bolt11 + "q";
  ask(shop, "POST", "/v1/withdrawals", "{" + quoted("bolt11", bolt11) + "}", fresh_key());
}

void Clients::get_withdrawal() {
  const auto shop = any_shop();
  if (shops[shop].withdrawals.empty()) return;
  const auto wait = scene_.random.one_in(2) ? "" : "?wait=" + std::to_string(scene_.random.below(26));
  ask(shop, "GET", "/v1/withdrawals/" + scene_.random.pick(shops[shop].withdrawals) + wait);
}

void Clients::cancel_withdrawal() {
  const auto shop = any_shop();
  if (shops[shop].withdrawals.empty()) return;
  const auto& id = scene_.random.one_in(2) ? shops[shop].withdrawals.back() : scene_.random.pick(shops[shop].withdrawals);
  ask(shop, "POST", "/v1/withdrawals/" + id + "/cancel", {}, scene_.random.one_in(2) ? "" : fresh_key());
}

void Clients::reconcile_withdrawal() {
  const auto shop = any_shop();
  if (shops[shop].withdrawals.empty()) return;
  ask(shop, "POST", "/v1/withdrawals/" + scene_.random.pick(shops[shop].withdrawals) + "/reconcile");
}

void Clients::overtake(const Outgoing& slow, Millis arrives_in) {
  const auto payment_hash = LndModel::payment_of(slow);
  if (payment_hash.empty() || !eager) return;
  auto& random = scene_.random;
  for (const auto& [key, withdrawal] : oracle_.withdrawals()) {
    const bool open = withdrawal.status == "dispatched" || withdrawal.status == "unknown";
    if (!open || withdrawal.payment_hash != payment_hash) continue;
    const auto shop = std::ranges::find(shops, withdrawal.tenant, &Shop::tenant) - shops.begin();
    for (auto polls = slow.once ? random.from(6, 12) : random.from(1, 2); polls > 0; --polls) {
      const auto at = std::max(Millis{1}, Millis{arrives_in.value + random.span({}, seconds(4)).value - 2'000});
      scene_.agenda.in(at, [this, shop, path = "/v1/withdrawals/" + withdrawal.id + "/reconcile"] {
        ask(static_cast<std::size_t>(shop), "POST", path);
      });
    }
  }
}

void Clients::quote() {
  const auto shop = any_shop();
  if (shops[shop].live ? payables.empty() : sandbox_payables.empty()) return;
  const auto& bolt11 = shops[shop].live ? scene_.random.pick(payables).bolt11 : scene_.random.pick(sandbox_payables).second.bolt11;
  ask(shop, "POST", "/v1/withdrawals/quote", "{" + quoted("bolt11", bolt11) + "}");
}

void Clients::retry() {
  std::vector<std::size_t> keyed;
  for (std::size_t i = asks_.size() > 40 ? asks_.size() - 40 : 0; i < asks_.size(); ++i) {
    if (!asks_[i].key.empty() && is_kept(asks_[i])) keyed.push_back(i);
  }
  if (!keyed.empty()) repeat(scene_.random.pick(keyed));
}

void Clients::reuse_key() {
  if (asks_.empty()) return;
  const auto& former = asks_[scene_.random.below(asks_.size())];
  if (former.key.empty() || former.target != "/v1/charges") return;
  const auto body = "{" + numbered("amount_msat", scene_.random.from(1, 9)) + ",\"metadata\":{" +
                    quoted("n", "n" + std::to_string(asks_.size())) + "}}";
  ask(former.shop, "POST", "/v1/charges", body, former.key);
  scene_.marks.reach("idempotency: a key was reused for something else");
}

void Clients::read_other_workspace() {
  const auto owner = any_shop();
  const auto thief = any_shop();
  if (owner == thief || shops[owner].charges.empty()) return;
  const auto target = "/v1/charges/" + scene_.random.pick(shops[owner].charges).id;
  // The oracle checks every response that is received (I10).
  if (scene_.random.one_in(2)) {
    ask(thief, "GET", target);
  } else {
    ask(thief, "POST", target + "/cancel");
  }
}

void Clients::read_ledger() {
  static constexpr std::string_view targets[] = {"/v1/balance", "/v1/ledger?limit=5", "/v1/ledger/verify", "/v1/events?limit=10"};
  ask(any_shop(), "GET", std::string(scene_.random.pick(targets)));
}

void Clients::make_endpoint() {
  const auto shop = any_shop();
  if (shops[shop].endpoints.size() >= 3) return;
  const auto url = "https://shop-" + std::to_string(shop) + "-" + std::to_string(asks_.size()) + ".example.com/hook";
  auto body = quoted("url", url);
  if (scene_.random.one_in(2)) body += "," + quoted("ordering", "per_object");
  if (scene_.random.one_in(3)) body += R"(,"max_per_second":2)";
  ask(shop, "POST", "/v1/webhook_endpoints", "{" + body + "}", scene_.random.one_in(3) ? "" : fresh_key());
}

void Clients::change_endpoint() {
  auto& random = scene_.random;
  const auto shop = any_shop();
  if (shops[shop].endpoints.empty()) return;
  const auto path = "/v1/webhook_endpoints/" + random.pick(shops[shop].endpoints);
  switch (random.below(8)) {
    case 6: ask(shop, "POST", path + "/activate_secret"); break;
    case 7: ask(shop, "GET", path + "/recovery"); break;
    case 0: ask(shop, "POST", path + "/rotate_secret", {}, random.one_in(2) ? "" : fresh_key()); break;
    case 1: ask(shop, "POST", path + "/test"); break;
    case 2: ask(shop, "POST", path + "/recover", "{" + quoted("since", "2020-01-01T00:00:00Z") + "}"); break;
    case 3: ask(shop, "PATCH", path, R"({"status":"enabled"})"); break;
    case 4: ask(shop, "PATCH", path, R"({"status":"disabled"})"); break;
    default:
      if (random.one_in(3)) ask(shop, "DELETE", path);
      break;
  }
}

void Clients::change_webhook_secret() {
  auto& random = scene_.random;
  const auto shop = any_shop();
  const bool activates = shops[shop].has_webhook_secret && random.one_in(2);
  ask(shop, "POST", activates ? "/v1/workspace/webhook_secret/activate" : "/v1/workspace/webhook_secret", {},
      random.one_in(2) ? "" : fresh_key());
}

void Clients::receiver_changes() {
  if (receivers_.moods.empty()) return;
  auto which = receivers_.moods.begin();
  std::advance(which, static_cast<std::ptrdiff_t>(scene_.random.below(receivers_.moods.size())));
  which->second = static_cast<Mood>(scene_.random.one_in(3) ? 0 : scene_.random.below(7));
}

void Clients::make_key() {
  const auto shop = any_shop();
  if (scene_.random.one_in(2) && !shops[shop].keys.empty()) {
    ask(shop, "DELETE", "/v1/api_keys/" + scene_.random.pick(shops[shop].keys));
    return;
  }
  ask(shop, "POST", "/v1/api_keys", R"({"name":"till","scopes":["charges:read"]})", fresh_key());
}

void Clients::node_incident() {
  auto& random = scene_.random;
  if (scene_.faults.has(Fault::node_restart) && random.one_in(3)) {
    scene_.marks.reach("fault: node_restart");
    return lnd_.restart(random.span({0}, minutes(3)), random.span({0}, minutes(1)));
  }
  if (scene_.happens(Fault::node_collects)) lnd_.collect_canceled_invoices();
  if (!payables.empty() && random.one_in(3))
    lnd_.change_fate(random.pick(payables).payment_hash, static_cast<Fate>(random.below(6)));
}

void Clients::clock_incident() {
  auto& random = scene_.random;
  if (scene_.faults.has(Fault::clock_jump) && random.one_in(2)) {
    scene_.marks.reach("fault: clock_jump");
    const auto jump = [&] { return Millis{static_cast<std::int64_t>(random.below(7'200'000)) - 3'600'000}; };
    scene_.narrate("    a clock jumps");
    if (random.one_in(3)) {
      lnd_.skew = jump();
    } else {
      host_.set_skew(random.one_in(3) ? Millis{} : jump());
    }
  }
  if (scene_.faults.has(Fault::clock_stall) && random.one_in(2)) {
    scene_.marks.reach("fault: clock_stall");
    host_.stall(true);
    scene_.agenda.in(random.span(seconds(1), minutes(30)), [this] { host_.stall(false); });
  }
  lnd_.sends_date = !random.one_in(8);
}

}  // namespace lntpay::sim
