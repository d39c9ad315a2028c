// Turns the events of a commit into deliveries.
#include "core/webhook/outbox.hpp"

#include <algorithm>
#include <vector>

#include "core/webhook/delivery.hpp"
#include "core/webhook/endpoint.hpp"

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
      auto endpoint = co_await from_row<Endpoint>(row.value);
      endpoints_.push_back({std::move(endpoint), std::move(row)});
    }
    co_return {};
  }

  void add(const Event& event) override {
    if (!endpoints_.empty()) events_.push_back(event);
  }

  void write(Context& cx, WriteBatch& batch) override {
    if (events_.empty()) return;
    for (auto& [endpoint, entry] : endpoints_) {
      if (changes(batch, entry.key)) continue;
      const auto queued_before = endpoint.queued;
      for (const auto& event : events_) {
        if (endpoint.wants(event.type)) enqueue(cx, batch, tenant_, endpoint, event);
      }
      if (endpoint.queued != queued_before) {
        batch.replace(entry, to_row(endpoint));
      } else {
        batch.keep(entry);  // conflicts with an operation that enables the endpoint
      }
    }
  }

 private:
  TenantScope tenant_;
  std::vector<Stored<Endpoint>> endpoints_;
  std::vector<Event> events_;
};

}  // namespace

std::unique_ptr<CommitHook> make_outbox() { return std::make_unique<Outbox>(); }

}  // namespace lntpay
