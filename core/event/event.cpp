// Keys and JSON of events.
#include "core/event/event.hpp"

#include "core/event/event_object.hpp"
#include "core/storage/store.hpp"

namespace lntpay {

std::string event_key(const TenantScope& tenant, std::uint64_t seq) { return tenant.key("event", padded(seq)); }
std::string event_id_key(const TenantScope& tenant, const EventId& id) { return tenant.key("event_id", id.text()); }

std::string event_json(const Event& event, const TenantScope& tenant) { return event_object.text({event, tenant}); }

}  // namespace lntpay
