// Keys and JSON of events.
#include "core/event/event.hpp"

#include "core/base/json_reader.hpp"
#include "core/event/event_object.hpp"
#include "core/storage/store.hpp"

namespace lntpay {

std::string event_key(const TenantScope& tenant, std::uint64_t seq) { return tenant.key("event", padded(seq)); }
std::string event_id_key(const TenantScope& tenant, const EventId& id) { return tenant.key("event_id", id.text()); }

std::string event_json(const Event& event, const TenantScope& tenant) { return event_object.text({event, tenant}); }

std::string sample_json(Event event, EventSample sample, const TenantScope& tenant) {
  event.type = sample.type;
  event.data = std::move(sample.data);
  return event_object.text({event, tenant, true});
}

std::string webhook_body(const Event& event, const TenantScope& tenant) {
  if (event.type == EventType::webhook_test) {
    const auto data = read_json(event.data);
    const auto* sample = data ? data->find("sample") : nullptr;
    const auto* name = sample != nullptr ? data->find("event_type") : nullptr;
    const auto type = name != nullptr ? from_name<EventType>(name->text) : std::nullopt;
    if (type) return sample_json(event, {*type, sample->text}, tenant);
  }
  return event_json(event, tenant);
}

std::string_view object_id_of(const Event& event) {
  constexpr std::string_view begins = R"({"id":")";
  const std::string_view data = event.data;
  if (!data.starts_with(begins)) return {};
  return data.substr(begins.size(), data.find('"', begins.size()) - begins.size());
}

}  // namespace lntpay
