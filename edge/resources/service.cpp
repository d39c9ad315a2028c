// /readyz: whether this engine can take requests, judged by what it needs: the store now, the node where one is configured.
#include "core/base/json.hpp"
#include "core/lightning/node/lnd.hpp"
#include "core/tenant/operator.hpp"
#include "edge/http/request.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {
namespace {

/// Anybody may ask for it, so the node is asked at most this often.
constexpr Millis state_is_fresh_for = seconds(5);
/// Its channels change slowly, and are many.
constexpr Millis receivable_is_fresh_for = minutes(1);

/// `~00/node/live/{what}`: what the node said, as JSON.
struct NodeSaid {
  static constexpr int row_version = 1;
  UnixMillis asked_at;
  std::string json;
  auto fields(this auto& self) { return std::tie(self.asked_at, self.json); }
};

Task<std::string> said_lately(Context& cx, std::string_view what, Millis fresh_for, Task<std::string> (LndNode::*ask)()) {
  const auto key = "~00/node/live/" + std::string(what);
  const auto row = co_await attempt(cx.store.get(key));
  if (row && *row) {
    const auto known = from_row<NodeSaid>((*row)->value);
    // A node that could not say is soon asked again.
    const bool said = known && !known->json.contains(R"("reason":")");
    const auto fresh_until = known ? known->asked_at + (said ? fresh_for : state_is_fresh_for) : UnixMillis{};
    if (known && known->asked_at <= cx.host_now() && cx.host_now() < fresh_until) co_return known->json;
  }
  LndNode node(cx);
  NodeSaid now{cx.host_now(), {}};
  now.json = co_await (node.*ask)();
  WriteBatch batch;
  batch.put(key, to_row(now));
  co_await attempt(cx.store.commit(std::move(batch)));
  co_return now.json;
}

/// A node that is not there takes nothing from `test`, so it is told and not judged. What it can receive tells what its channels
/// hold: that is for its operator, and for those who are paid over it.
Task<std::string> node_json(Context& cx, std::string_view token) {
  JsonObject node;
  node.add("test", "sandbox");
  if (!cx.settings.live_node) co_return node.raw("live", JsonObject{}.add("status", "not configured").text()).text();
  node.raw("live", co_await said_lately(cx, "state", state_is_fresh_for, &LndNode::state));
  bool is_told = is_operator(cx.settings, token);
  if (!is_told && !token.empty()) {
    const auto key = co_await attempt(authenticate(cx, std::string(token)));
    is_told = key && key->tenant.environment == Environment::live;
  }
  if (is_told) {
    node.raw("live_receivable", co_await said_lately(cx, "receivable", receivable_is_fresh_for, &LndNode::receivable));
  }
  co_return node.text();
}

}  // namespace

Done ready(Call& call) {
  co_await call.cx.store.get("00/ready");  // need not exist; the store has to answer
  co_return JsonObject{}
      .add("status", "ready")
      .add("store", "ok")
      .raw("node", co_await node_json(call.cx, bearer_token(call.request)))
      .text();
}

}  // namespace lntpay::routes
