// /readyz: whether this engine can take requests, judged by what it needs: the store now, the node where one is configured.
#include "core/base/json.hpp"
#include "edge/routes/handlers.hpp"

namespace lntpay::routes {

Done ready(Call& call) {
  co_await call.cx.store.get("00/ready");  // need not exist; the store has to answer
  co_return JsonObject{}
      .add("status", "ready")
      .add("store", "ok")
      .raw("node",
           JsonObject{}.add("test", "sandbox").add("live", call.cx.settings.live_node ? "configured" : "not configured").text())
      .text();
}

}  // namespace lntpay::routes
