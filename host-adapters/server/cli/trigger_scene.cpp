// How each event is caused. docs/sandbox.md has the same calls.
#include "host-adapters/server/cli/trigger_scene.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "core/crypto/random.hpp"
#include "host-adapters/server/cli/output.hpp"

namespace lntpay::host {
namespace {

using enum EventType;
using nlohmann::json;

std::string id_of(const json& object) { return object.at("id").get<std::string>(); }

std::string amount_text(const Scene& scene) { return std::to_string(scene.amount_sats()) + " sats"; }

std::string create_charge(Scene& scene) {
  const auto charge = id_of(scene.post("/charges", {{"amount_sats", scene.amount_sats()}, {"description", "lntpay trigger"}}));
  scene.add_step("created the charge " + charge + " of " + amount_text(scene));
  return charge;
}

void pay(Scene& scene, const std::string& charge, const json& how = json::object()) {
  scene.post("/sandbox/charges/" + charge + "/pay", how);
  scene.add_step("paid it");
}

void expire(Scene& scene, const std::string& charge) {
  scene.post("/sandbox/charges/" + charge + "/expire");
  scene.add_step("let it expire");
}

std::string pay_charge(Scene& scene) {
  auto charge = create_charge(scene);
  pay(scene, charge);
  return charge;
}

std::string expire_charge(Scene& scene) {
  auto charge = create_charge(scene);
  expire(scene, charge);
  return charge;
}

std::string pay_late(Scene& scene) {
  auto charge = expire_charge(scene);
  pay(scene, charge, {{"late", true}});
  return charge;
}

std::string cancel_charge(Scene& scene) {
  auto charge = create_charge(scene);
  scene.post("/charges/" + charge + "/cancel");
  scene.add_step("canceled it");
  return charge;
}

/// The faults of the sandbox are restored afterwards.
std::string underpay_charge(Scene& scene) {
  const auto former = scene.get("/sandbox").at("faults");
  auto faults = former;
  if (std::ranges::find(faults, json("settles_short")) == faults.end()) faults.push_back("settles_short");
  auto charge = create_charge(scene);
  scene.post("/sandbox/faults", {{"faults", faults}});
  try {
    pay(scene, charge);
  } catch (const TriggerStopped&) {
    scene.post("/sandbox/faults", {{"faults", former}});
    throw;
  }
  scene.post("/sandbox/faults", {{"faults", former}});
  scene.add_step("with the fault settles_short, which is removed again");
  return charge;
}

/// Funds the amount and the default fee limit first.
std::string withdraw(Scene& scene, const char* behavior) {
  constexpr std::uint64_t fee_limit_min_sats = 5;
  constexpr std::uint64_t fee_divisor = 100;
  const auto amount = scene.amount_sats();
  const auto funds = amount + std::max(fee_limit_min_sats, amount / fee_divisor + 1);
  scene.post("/sandbox/fund", {{"amount_sats", funds}, {"description", "lntpay trigger"}});
  scene.add_step("funded the workspace with " + std::to_string(funds) + " sats");
  const auto invoice = scene.post("/sandbox/invoices", {{"amount_sats", amount}, {"behavior", behavior}});
  auto withdrawal = id_of(scene.post("/withdrawals", {{"bolt11", invoice.at("bolt11")}}));
  scene.add_step("withdrew " + amount_text(scene) + " to an invoice with the behavior " + behavior + ": " + withdrawal);
  return withdrawal;
}
std::string withdraw_well(Scene& scene) { return withdraw(scene, "succeed"); }
std::string withdraw_badly(Scene& scene) { return withdraw(scene, "fail"); }
std::string withdraw_unknown(Scene& scene) { return withdraw(scene, "unknown_then_succeed"); }

/// To the first enabled endpoint. Where there is none, to one that is deleted again, so that the event happens.
std::string test_endpoint(Scene& scene) {
  for (const auto& endpoint : scene.get("/webhook_endpoints").at("data")) {
    if (endpoint.at("status") != "enabled") continue;
    const auto delivery = scene.post("/webhook_endpoints/" + id_of(endpoint) + "/test");
    scene.add_step("sent a test event to " + endpoint.at("url").get<std::string>());
    return delivery.at("event_id").get<std::string>();
  }
  const auto endpoint = id_of(scene.post("/webhook_endpoints", {{"url", "http://127.0.0.1:9/lntpay-trigger"}}));
  const auto delivery = scene.post("/webhook_endpoints/" + endpoint + "/test");
  scene.erase("/webhook_endpoints/" + endpoint);
  scene.add_step("there is no enabled endpoint: sent a test event to one that was deleted again");
  return delivery.at("event_id").get<std::string>();
}

/// Polls until it is true, for ten seconds.
template <class Condition>
bool await(Condition condition) {
  constexpr int polls_max = 200;
  constexpr std::chrono::milliseconds pause{50};
  for (int polls = 0; polls < polls_max; ++polls) {
    if (condition()) return true;
    std::this_thread::sleep_for(pause);
  }
  return false;
}

bool has_happened(Scene& scene, EventType type, const std::string& object) {
  const auto newest = scene.get("/events?order=desc&limit=1&types=" + std::string(name_of(type))).at("data");
  return !newest.empty() && newest.at(0).at("data").at("id") == object;
}

constexpr int half_days_until_disabled = 10;

/// An endpoint that nothing listens at gets a test event every twelve hours of the workspace's clock. After `half_days` of them its
/// failures cause the event.
std::string fail_endpoint(Scene& scene, EventType type, int half_days) {
  constexpr std::int64_t half_day_ms = hours(12).value;
  auto endpoint = id_of(scene.post("/webhook_endpoints", {{"url", "http://127.0.0.1:9/lntpay-trigger"}}));
  scene.add_step("created the webhook endpoint " + endpoint + ", which nothing listens at");
  for (int passed = 0; passed <= half_days; ++passed) {
    if (passed > 0) scene.post("/sandbox/clock/advance", {{"ms", half_day_ms}});
    if (passed == half_days_until_disabled) break;  // the retry of the last test disables it, and it takes no other one
    const auto delivery = id_of(scene.post("/webhook_endpoints/" + endpoint + "/test"));
    await([&] { return scene.get("/webhook_deliveries/" + delivery).at("attempts").get<int>() > 0; });
  }
  await([&] { return has_happened(scene, type, endpoint); });
  scene.add_step("sent it test events, and moved the sandbox's clock " + std::to_string(half_days * 12) + " hours ahead");
  scene.erase("/webhook_endpoints/" + endpoint);
  scene.add_step("deleted the endpoint");
  return endpoint;
}
std::string fail_for_half_of_the_time(Scene& scene) {
  return fail_endpoint(scene, webhook_endpoint_failing, half_days_until_disabled / 2);
}
std::string fail_until_disabled(Scene& scene) { return fail_endpoint(scene, webhook_endpoint_disabled, half_days_until_disabled); }

std::string create_key(Scene& scene) {
  auto key = id_of(scene.post("/api_keys", {{"scopes", {"charges:read"}}, {"name", "lntpay trigger"}}));
  scene.add_step("created the API key " + key);
  return key;
}
void revoke(Scene& scene, const std::string& key) {
  scene.erase("/api_keys/" + key);
  scene.add_step("revoked it");
}
std::string create_and_revoke_key(Scene& scene) {
  auto key = create_key(scene);
  revoke(scene, key);
  return key;
}
std::string roll_key(Scene& scene) {
  auto key = create_key(scene);
  scene.post("/api_keys/" + key + "/roll");
  scene.add_step("rolled it");
  revoke(scene, key);
  return key;
}

/// The value of `name="…"` in a challenge.
std::string parameter(const std::string& challenge, const std::string& name) {
  const auto begin = challenge.find(name + "=\"");
  if (begin == challenge.npos) return {};
  const auto from = begin + name.size() + 2;
  return challenge.substr(from, challenge.find('"', from) - from);
}

/// A paid use of a gate, which is then committed or released. The gate is deleted.
std::string use_gate(Scene& scene, const char* end) {
  const auto gate = id_of(scene.post("/gates", {{"name", "lntpay trigger"},
                                                {"price_sats", scene.amount_sats()},
                                                {"match", {{"method", "GET"}, {"path", "/lntpay-trigger"}}},
                                                {"schemes", {"l402"}},
                                                {"commit", "explicit"}}));
  scene.add_step("created the gate " + gate + " with a price of " + amount_text(scene));
  const auto offered = scene.post("/gates/" + gate + "/challenge", {{"client", "lntpay trigger"}}).at("www_authenticate").at(0);
  const auto challenge = offered.get<std::string>();
  const auto paid = scene.post("/sandbox/wallet/pay", {{"bolt11", parameter(challenge, "invoice")}});
  scene.add_step("paid its challenge");
  const auto credential = "L402 " + parameter(challenge, "token") + ":" + paid.at("preimage").get<std::string>();
  const auto admission = scene.post("/gates/" + gate + "/verify", {{"authorization", credential}});
  auto redemption = admission.at("redemption_id").get<std::string>();
  scene.post("/redemptions/" + redemption + "/" + end, {{"reservation", admission.at("reservation")}});
  scene.add_step("its use " + redemption + ": " + end);
  scene.erase("/gates/" + gate);
  scene.add_step("deleted the gate");
  return redemption;
}
std::string commit_use(Scene& scene) { return use_gate(scene, "commit"); }
std::string release_use(Scene& scene) { return use_gate(scene, "release"); }

constexpr std::array triggers{
    Trigger{charge_created, create_charge},
    Trigger{charge_paid, pay_charge},
    Trigger{charge_paid_late, pay_late},
    Trigger{charge_underpaid, underpay_charge},
    Trigger{charge_expired, expire_charge},
    Trigger{charge_canceled, cancel_charge},
    Trigger{withdrawal_created, withdraw_well},
    Trigger{withdrawal_dispatched, withdraw_well},
    Trigger{withdrawal_succeeded, withdraw_well},
    Trigger{withdrawal_failed, withdraw_badly},
    Trigger{withdrawal_unknown, withdraw_unknown},
    Trigger{webhook_test, test_endpoint},
    Trigger{webhook_endpoint_failing, fail_for_half_of_the_time},
    Trigger{webhook_endpoint_disabled, fail_until_disabled},
    Trigger{api_key_created, create_and_revoke_key},
    Trigger{api_key_revoked, create_and_revoke_key},
    Trigger{api_key_rolled, roll_key},
    Trigger{gate_redeemed, commit_use},
    Trigger{gate_released, release_use},
};
static_assert(triggers.size() == enum_names<EventType>.size(), "every type of event can be triggered");

}  // namespace

void Scene::add_step(std::string step) {
  if (isatty(STDOUT_FILENO) != 0) std::printf("%s\n", step.c_str());
  steps_.push_back(std::move(step));
}

nlohmann::json Scene::call(const std::string& method, const std::string& path, const nlohmann::json& body) {
  constexpr std::size_t key_digits = 22;
  const auto key = method == "POST" ? Random(moments_.next().entropy).base62(key_digits) : std::string();
  const auto answer = client_.call(method, path, body, key);
  if (!answer || answer->status < 200 || answer->status > 299) throw TriggerStopped{show(answer, {})};
  return answer->body;
}

const Trigger* find_trigger(std::string_view event) {
  const auto found = std::ranges::find(triggers, event, [](const Trigger& trigger) { return name_of(trigger.event); });
  return found == triggers.end() ? nullptr : &*found;
}

std::string known_triggers() {
  std::string known;
  for (const auto& trigger : triggers) known.append(known.empty() ? "" : ", ").append(name_of(trigger.event));
  return known;
}

}  // namespace lntpay::host
