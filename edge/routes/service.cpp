// /readyz: whether this engine can take requests, judged by what it needs: the store now, the node where one is configured.
#include "core/base/json.hpp"
#include "core/node/lnd.hpp"
#include "edge/routes/handlers.hpp"

namespace lntpay::routes {
namespace {

/// Anybody may ask for it, so the node is asked at most this often.
constexpr Millis state_is_fresh_for = seconds(5);
constexpr std::string_view state_key = "~00/node/live/state";

struct NodeState {
  static constexpr int row_version = 1;
  UnixMillis asked_at;
  std::string json;
  auto fields(this auto& self) { return std::tie(self.asked_at, self.json); }
};

/// A node that is not there takes nothing from `test`, so it is told and not judged.
Task<Result<std::string>> live_state(Context& cx) {
  if (!cx.settings.live_node) co_return JsonObject{}.add("status", "not configured").text();
  const auto row = co_await attempt(cx.store.get(std::string(state_key)));
  if (row && *row) {
    const auto known = from_row<NodeState>((*row)->value);
    if (known && known->asked_at <= cx.host_now() && cx.host_now() < known->asked_at + state_is_fresh_for) co_return known->json;
  }
  NodeState now{cx.host_now(), co_await LndNode(cx).state()};
  Plan plan;
  plan.put(std::string(state_key), to_row(now));
  co_await attempt(cx.store.commit(std::move(plan)));
  co_return now.json;
}

}  // namespace

Done ready(Call& call) {
  co_await call.cx.store.get("00/ready");  // need not exist; the store has to answer
  const auto live = co_await live_state(call.cx);
  co_return JsonObject{}
      .add("status", "ready")
      .add("store", "ok")
      .raw("node", JsonObject{}.add("test", "sandbox").raw("live", live).text())
      .text();
}

}  // namespace lntpay::routes
