// Turns the events of a commit into deliveries.
#include "core/webhook/delivery/outbox.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "core/webhook/delivery/charge_target.hpp"
#include "core/webhook/delivery/delivery.hpp"
#include "core/webhook/endpoint/endpoint.hpp"

namespace lntpay {
namespace {

bool changes(const WriteBatch& batch, const std::string& key) {
  return std::ranges::any_of(batch.commit().ops,
                             [&](const Op& op) { return std::visit([&](const auto& each) { return each.key == key; }, op); });
}

class Outbox : public CommitHook {
 public:
  Task<Result<>> load(Context& cx, const TenantScope& tenant, const AccountState& account) override {
    tenant_ = tenant;
    if (account.endpoints == 0) co_return {};
    auto rows = co_await cx.store.scan({.prefix = endpoint_key(tenant_), .after = {}});
    for (auto& row : rows) {
      auto endpoint = from_row<Endpoint>(row);
      // Its events are not delivered; the changes that they report still happen.
      if (endpoint) {
        endpoints_.push_back({std::move(*endpoint), std::move(row)});
      } else {
        cx.alarms.push_back(endpoint.error().message);
      }
    }
    co_return {};
  }

  void add(const Event& event, std::string_view webhook_url) override {
    if (!endpoints_.empty()) events_.push_back(event);
    if (!webhook_url.empty()) of_charges_.push_back({event, std::string(webhook_url)});
  }

  void write(Context& cx, WriteBatch& batch) override {
    write_to_endpoints(cx, batch);
    write_to_charge_targets(cx, batch);
  }

 private:
  struct ChargeEvent {
    Event event;
    std::string url;
  };

  void write_to_endpoints(Context& cx, WriteBatch& batch) const {
    if (events_.empty()) return;
    for (const auto& [endpoint, entry] : endpoints_) {
      if (changes(batch, entry.key)) continue;
      batch.keep(entry);  // conflicts with an operation that enables or deletes the endpoint
      bool is_queued = false;
      for (const auto& event : events_) {
        if (!endpoint.wants(event.type)) continue;
        enqueue(cx, batch, tenant_, endpoint.id, event, {.order = endpoint.ordering});
        is_queued = true;
      }
      if (is_queued) start_run(cx, batch, tenant_, endpoint.id);
    }
  }

  /// They have no rows: nothing is read or checked here.
  void write_to_charge_targets(Context& cx, WriteBatch& batch) {
    std::set<EndpointId> targets;
    for (auto& [event, url] : of_charges_) {
      auto target = charge_target_id(tenant_, url);
      enqueue(cx, batch, tenant_, target, event, {.url = std::move(url)});
      targets.insert(std::move(target));
    }
    for (const auto& target : targets) start_run(cx, batch, tenant_, target);
  }

  TenantScope tenant_;
  std::vector<Stored<Endpoint>> endpoints_;
  std::vector<Event> events_;
  std::vector<ChargeEvent> of_charges_;
};

}  // namespace

std::unique_ptr<CommitHook> make_outbox() { return std::make_unique<Outbox>(); }

}  // namespace lntpay
