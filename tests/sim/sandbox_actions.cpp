// Actions of a sandbox's owner: funds, an advanced clock, faults, resets; and an operator who resolves a withdrawal as failed
// that the node pays after all.
#include <algorithm>

#include "tests/sim/clients.hpp"

namespace lntpay::sim {
namespace {

std::string_view controls_of(const SimStore& store, const std::string& tenant) {
  const auto* row = store.find(lasting(tenant) + "/sandbox/controls");
  return row == nullptr ? std::string_view() : *row;
}

bool is_open(std::string_view status) {
  return status == "claiming" || status == "pending" || status == "dispatched" || status == "unknown" || status == "needs_review";
}

}  // namespace

/// A shop continues in the new generation of its sandbox, which is empty.
void Clients::follow_resets() {
  for (std::size_t i = 0; i < shops.size(); ++i) {
    const auto present = oracle_.present(shops[i].tenant);
    if (present == shops[i].tenant) continue;
    scene_.marks.reach("sandbox: reset");
    shops[i].tenant = present;
    shops[i].charges.clear();
    shops[i].withdrawals.clear();
    shops[i].endpoints.clear();
    shops[i].has_webhook_secret = false;
    std::erase_if(sandbox_payables, [i](const auto& payable) { return payable.first == i; });
  }
}

bool Clients::is_forgetful(std::size_t shop) const {
  return controls_of(scene_.store, shops[shop].tenant).find("payments_forgotten") != std::string_view::npos;
}

void Clients::set_sandbox_faults(std::size_t shop, const std::string& names) {
  const auto answer = ask_now(shops[shop].token, "/v1/sandbox/faults", "POST", R"({"faults":[)" + names + "]}");
  require(answer && answer->status == 200, "cannot set a sandbox's faults: ", answer ? answer->body : "no response");
}

void Clients::stop_sandbox_faults() {
  for (std::size_t i = 0; i < shops.size(); ++i) {
    if (!shops[i].live) set_sandbox_faults(i, "");
  }
}

void Clients::fund() {
  ask(any_shop(false, true), "POST", "/v1/sandbox/fund",
      R"({"amount_msat":)" + std::to_string(scene_.random.from(1, 900) * 1'000) + "}", scene_.random.one_in(4) ? "" : fresh_key());
  scene_.marks.reach("sandbox: funded");
}

void Clients::advance_sandbox() {
  static constexpr Millis spans[] = {Millis{1}, seconds(5), minutes(1), minutes(10), hours(1)};
  const auto span = scene_.random.one_in(8) ? hours(26) : scene_.random.pick(spans);
  ask(any_shop(false, true), "POST", "/v1/sandbox/clock/advance", R"({"ms":)" + std::to_string(span.value) + "}",
      scene_.random.one_in(4) ? "" : fresh_key());
  scene_.marks.reach("sandbox: clock advanced");
}

void Clients::reset_sandbox() {
  if (!scene_.random.one_in(4)) return;
  ask(any_shop(false, true), "POST", "/v1/sandbox/reset", {}, scene_.random.one_in(4) ? "" : fresh_key());
}

/// All faults but the one of `give_up`.
void Clients::sandbox_fails() {
  static constexpr std::string_view faults[] = {
      "", "", R"("node_down")", R"("sends_lost")", R"("settles_short")", R"("lookups_down")", R"("webhooks_down")"};
  const auto shop = any_shop(false, true);
  if (is_forgetful(shop)) return;
  ask(shop, "POST", "/v1/sandbox/faults", R"({"faults":[)" + std::string(scene_.random.pick(faults)) + "]}");
}

/// An operator adjusts a part of the suspense, and sometimes repeats the request.
void Clients::explain() {
  if (!host_.idle()) return;
  const WithoutFaults silence(scene_);
  auto& random = scene_.random;
  for (const auto& shop : shops) {
    const auto books = oracle_.books().find(shop.tenant);
    if (books == oracle_.books().end() || books->second.suspense == 0) continue;
    const auto amount = random.from(1, static_cast<std::uint64_t>(-books->second.suspense));
    const auto path = "/v1/admin/workspaces/" + shop.workspace + "/adjustments?environment=" + (shop.live ? "live" : "test");
    const auto body = R"({"ticket":"ticket-)" + std::to_string(++last_key_) + R"(","bearer":")" +
                      (random.one_in(2) ? "available" : "node") + R"(","amount_msat":)" + std::to_string(amount) +
                      R"(,"evidence":"asked the node"})";
    for (auto times = random.from(1, 2); times > 0; --times) ask_now(std::string(operator_token), path, "POST", body);
  }
}

/// The node hides its payments once all were seen; an operator who finds none resolves the withdrawal as failed after the expiry;
/// then the node reports them again.
void Clients::give_up() {
  if (!host_.idle()) return;
  const WithoutFaults silence(scene_);
  const auto shop = any_shop(false, true);
  const auto tenant = shops[shop].tenant;
  bool all_seen = true;
  std::vector<std::string> open;
  std::vector<std::string> in_review;
  for (const auto& [key, withdrawal] : oracle_.withdrawals()) {
    if (withdrawal.tenant != tenant || !is_open(withdrawal.status)) continue;
    open.push_back(withdrawal.id);
    if (withdrawal.status == "needs_review") in_review.push_back(withdrawal.id);
    const auto row = split(*scene_.store.find(tenant + "/wd/" + withdrawal.id));
    all_seen = all_seen && row[withdrawal_row::seen] == "1";
  }
  if (!is_forgetful(shop)) {
    if (!open.empty() && all_seen) set_sandbox_faults(shop, R"("payments_forgotten")");
    return;
  }
  if (open.empty()) return set_sandbox_faults(shop, "");
  const auto advance = [&](Millis span) {
    ask_now(shops[shop].token, "/v1/sandbox/clock/advance", "POST", R"({"ms":)" + std::to_string(span.value) + "}");
  };
  if (in_review.empty()) return advance(minutes(10));  // by then the node has been polled
  advance(minutes(130));                               // past every expiry, and before stuck payments end
  const auto path = "/v1/admin/workspaces/" + shops[shop].workspace + "/withdrawals/";
  for (const auto& id : in_review) {
    ask_now(std::string(operator_token), path + id + "/resolve?environment=test", "POST",
            R"({"outcome":"failed","evidence":"the node has nothing"})");
  }
  set_sandbox_faults(shop, "");
}

}  // namespace lntpay::sim
