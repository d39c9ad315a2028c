// A world without random faults, for scripted plays: flows that crash anywhere, and incidents. Two workspaces; shops 0 and 2 are
// their test environments, 1 and 3 their live ones. Every request has a key, so that it can be retried after a crash.
#pragma once
#include <string>

#include "host-adapters/common/native_instance.hpp"
#include "tests/sim/sim_world.hpp"

namespace lntpay::sim {

/// What else the world of a play has.
struct PlayWith {
  bool gates = false;
  bool streams = false;
};

class Play {
 public:
  static constexpr std::size_t test = 0, live = 1, other_live = 3;

  explicit Play(bool send_once = true, std::uint64_t seed = 1, PlayWith with = {})
      : world({.seed = seed,
               .make = host::native_instances(engine_config(send_once)),
               .send_once = send_once,
               .faults = {},
               .gates = with.gates,
               .streams = with.streams,
               .words = {}}) {
    world.clients.eager = false;
    world.lnd.expensive_routes = false;
  }

  /// Sends a request, and lets a few seconds pass.
  std::size_t ask(std::size_t shop, const std::string& method, const std::string& target, const std::string& body = {}) {
    const auto made = world.clients.ask(shop, method, target, body, method == "GET" ? "" : "play-" + std::to_string(++keys_));
    world.pass(seconds(3));
    return made;
  }
  [[nodiscard]] std::string answer(std::size_t ask, std::string_view name) const {
    const auto& response = world.clients.asked(ask).answer;
    return response ? std::string(member(response->body, name)) : "";
  }
  [[nodiscard]] Shop& shop(std::size_t number) { return world.clients.shops[number]; }

  void charge(std::size_t at, std::uint64_t msat = 21'000, const std::string& more = R"(,"expires_in":86400)") {
    ask(at, "POST", "/v1/charges", R"({"amount_msat":)" + std::to_string(msat) + more + "}");
  }
  void pay(std::size_t at, std::uint64_t msat = 21'000, const std::string& more = {}) {
    const auto& charge = shop(at).charges.back();
    if (shop(at).live) {
      world.lnd.pay(charge.payment_hash, msat);
      world.pass(seconds(3));
    } else {
      ask(at, "POST", "/v1/sandbox/charges/" + charge.id + "/pay", R"({"amount_msat":)" + std::to_string(msat) + more + "}");
    }
  }
  /// A paid charge of a million msat.
  void fund(std::size_t at) {
    charge(at, 1'000'000);
    pay(at, 1'000'000);
    world.pass(minutes(10));
  }
  void invoice(const std::string& behavior, const std::string& more = R"("amount_msat":500000,"expires_in":3600)") {
    ask(test, "POST", "/v1/sandbox/invoices", R"({"behavior":")" + behavior + "\"," + more + "}");
  }
  Payable outside(Fate fate, std::optional<std::uint64_t> msat = 500'000, std::uint32_t expiry_s = 3'600) {
    const auto made = world.lnd.create_external_invoice(msat, expiry_s, fate);
    world.clients.payables.push_back({made.bolt11, made.payment_hash, msat});
    return world.clients.payables.back();
  }
  std::size_t withdraw(std::size_t at, const std::string& more = {}) {
    const auto& bolt11 = shop(at).live ? world.clients.payables.back().bolt11 : world.clients.sandbox_payables.back().second.bolt11;
    return ask(at, "POST", "/v1/withdrawals", R"({"bolt11":")" + bolt11 + "\"" + more + "}");
  }
  /// "charge paid, withdrawal succeeded, available 400000, locked 0"
  [[nodiscard]] std::string text(std::size_t at) {
    std::string text;
    const auto& tenant = shop(at).tenant;
    for (const auto& [key, charge] : world.oracle.charges()) {
      if (charge.tenant == tenant) text += "charge " + charge.status + ", ";
    }
    for (const auto& [key, withdrawal] : world.oracle.withdrawals()) {
      if (withdrawal.tenant == tenant && withdrawal.status != "abandoned") text += "withdrawal " + withdrawal.status + ", ";
    }
    const auto found = world.oracle.books().find(tenant);
    if (found == world.oracle.books().end()) return text + "no ledger";
    return text + "available " + std::to_string(found->second.available) + ", locked " + std::to_string(found->second.locked);
  }

  World world;

 private:
  int keys_ = 0;
};

}  // namespace lntpay::sim
