// /readyz: whether this engine can take requests: the store answers now, and the node, where one is configured, is reported.
#include "core/base/object.hpp"
#include "core/lightning/node/lnd.hpp"
#include "core/lightning/node/lnd_report_objects.hpp"
#include "core/tenant/operator.hpp"
#include "edge/http/request.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace service_resource {
namespace {

/// The reports on the live node, as JSON.
struct NodeReports {
  std::string state;
  std::optional<std::string> receivable{};  ///< nullopt: left out
};
constexpr auto node_reports_object = object_of<NodeReports>(
    member("test", "\"sandbox\"", [](const auto&) { return std::string_view("sandbox"); }),
    member("live", "The state of the live node.", [](const auto& v) { return Described<node_state_object>{v.state}; }),
    member("live_receivable", "What the live node can receive; only for the operator and for live keys.", [](const auto& v) {
      OnlyWhenGiven<Described<receivable_object>> receivable;
      if (v.receivable) receivable.value.emplace(*v.receivable);
      return receivable;
    }));
constexpr auto readiness_object =
    object_of<NodeReports>(member("status", "\"ready\"", [](const auto&) { return std::string_view("ready"); }),
                           member("store", "\"ok\"", [](const auto&) { return std::string_view("ok"); }),
                           member("node", "The nodes.", [](const auto& v) { return described<node_reports_object>(v); }));
constexpr auto readiness_fields = readiness_object.fields();

/// The route is open to everybody, so the node is asked at most this often.
constexpr Millis state_is_fresh_for = seconds(5);
/// Channels change slowly, and listing them is expensive.
constexpr Millis receivable_is_fresh_for = minutes(1);

/// `~00/node/live/{what}`: the last report of the node, as JSON.
struct NodeReport {
  static constexpr int row_version = 1;
  UnixMillis asked_at;
  std::string json;
  auto fields(this auto& self) { return std::tie(self.asked_at, self.json); }
};

Task<std::string> recent_report(Context& cx, std::string_view what, Millis fresh_for, Task<std::string> (LndNode::*ask)()) {
  const auto key = "~00/node/live/" + std::string(what);
  const auto row = co_await attempt(cx.store.get(key));
  if (row && *row) {
    const auto known = from_row<NodeReport>(**row);
    // A failed report is retried sooner.
    const bool succeeded = known && !known->json.contains(R"("reason":")");
    const auto fresh_until = known ? known->asked_at + (succeeded ? fresh_for : state_is_fresh_for) : UnixMillis{};
    if (known && known->asked_at <= cx.host_now() && cx.host_now() < fresh_until) co_return known->json;
  }
  LndNode node(cx);
  NodeReport report{cx.host_now(), {}};
  report.json = co_await (node.*ask)();
  WriteBatch batch;
  batch.put(key, to_row(report));
  co_await attempt(cx.store.commit(std::move(batch)));
  co_return report.json;
}

/// A missing node does not affect `test`, so it is reported and is no error. Its receivable amounts reveal its channels: only the
/// operator and the keys of live workspaces see them.
Task<NodeReports> node_reports(Context& cx, std::string_view token) {
  if (!cx.settings.live_node) co_return NodeReports{.state = node_state_object.text({"not configured"})};
  NodeReports reports{.state = co_await recent_report(cx, "state", state_is_fresh_for, &LndNode::state)};
  bool may_see_channels = is_operator(cx.settings, token);
  if (!may_see_channels && !token.empty()) {
    const auto key = co_await attempt(authenticate(cx, std::string(token)));
    may_see_channels = key && key->record.tenant.environment == Environment::live;
  }
  if (may_see_channels) {
    reports.receivable = co_await recent_report(cx, "receivable", receivable_is_fresh_for, &LndNode::receivable);
  }
  co_return reports;
}

Done ready(Call& call) {
  co_await call.cx.store.get("00/ready");  // need not exist; the store has to answer
  co_return readiness_object.text(co_await node_reports(call.cx, bearer_token(call.request)));
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/readyz",
     .summary = "Whether the engine can take requests",
     .handler = ready,
     .access = Access::open,
     .answer = readiness_fields},
};

}  // namespace
}  // namespace service_resource

std::span<const Route> resources::service() { return service_resource::routes; }

}  // namespace lntpay
