// From events to deliveries.
#include "core/webhook/outbox.hpp"

#include <algorithm>

#include "core/webhook/delivery.hpp"

namespace lntpay {
namespace {

bool changes(const Plan& plan, const std::string& key) {
  return std::ranges::any_of(plan.commit().ops,
                             [&](const Op& op) { return std::visit([&](const auto& each) { return each.key == key; }, op); });
}

}  // namespace

Task<Result<Outbox>> Outbox::load(Context& cx, Realm realm, bool any_endpoints) {
  Outbox outbox;
  if (any_endpoints) {
    auto rows = co_await cx.store.scan({.prefix = endpoint_key(realm), .after = {}});
    for (auto& row : rows) {
      auto endpoint = co_await from_row<Endpoint>(row.value);
      outbox.endpoints_.push_back({std::move(endpoint), std::move(row)});
    }
  }
  outbox.realm_ = std::move(realm);
  co_return std::move(outbox);
}

void Outbox::add(Context& /*cx*/, const Event& event) {
  if (!endpoints_.empty()) events_.push_back(event);
}

void Outbox::write(Context& cx, Plan& plan) {
  if (events_.empty()) return;
  for (auto& [endpoint, entry] : endpoints_) {
    if (changes(plan, entry.key)) continue;
    const auto queued_before = endpoint.queued;
    for (const auto& event : events_) {
      if (endpoint.wants(event.type)) enqueue(cx, plan, realm_, endpoint, event);
    }
    if (endpoint.queued != queued_before) {
      plan.replace(entry, to_row(endpoint));
    } else {
      plan.keep(entry);  // one that is enabled at this moment would want them
    }
  }
}

}  // namespace lntpay
