// Keys and JSON of events.
#include "core/event/event.hpp"

#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/storage/store.hpp"

namespace lntpay {

std::string event_key(const TenantScope& tenant, std::uint64_t seq) { return tenant.key("event", padded(seq)); }
std::string event_id_key(const TenantScope& tenant, const EventId& id) { return tenant.key("event_id", id.text()); }

std::string event_json(const Event& event, const TenantScope& tenant) {
  return JsonObject{}
      .add("id", event.id.text())
      .add("object", "event")
      .add("type", name_of(event.type))
      .add("seq", event.seq)
      .add("timestamp", rfc3339(event.at))
      .add("api_version", api_version)
      .add("environment", name_of(tenant.environment))
      .add("workspace_id", tenant.workspace.text())
      .raw("data", event.data)
      .text();
}

}  // namespace lntpay
