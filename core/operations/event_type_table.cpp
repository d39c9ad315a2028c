// The table of event types.
#include "core/operations/event_type_table.hpp"

#include "core/access/api_key_object.hpp"
#include "core/base/json_schema.hpp"
#include "core/charge/charge_object.hpp"
#include "core/event/event_object.hpp"
#include "core/event/event_pattern.hpp"
#include "core/gate/redemption_object.hpp"
#include "core/operations/event_samples.hpp"
#include "core/tenant/operator.hpp"
#include "core/webhook/delivery/test_event_object.hpp"
#include "core/webhook/endpoint/endpoint_object.hpp"
#include "core/withdrawal/withdrawal_object.hpp"

namespace lntpay {
namespace {

struct EventData {
  Schema fields;
  std::string (*sample)(EventType type, const TenantScope& tenant);
};
constexpr EventData charge_data{charge_fields, samples::charge};
constexpr EventData withdrawal_data{withdrawal_fields, samples::withdrawal};
constexpr EventData redemption_data{redemption_fields, samples::redemption};
constexpr EventData endpoint_data{webhook_endpoint_fields, samples::endpoint};
constexpr EventData test_event_data{test_event_fields, samples::test_event};
constexpr EventData api_key_data{api_key_fields, samples::api_key};

struct EventTypeRow {
  EventType type;
  const EventData& data;
  std::string_view description;
};

using enum EventType;

constexpr EventTypeRow type_rows[] = {
    {charge_created, charge_data, "A charge was created."},
    {charge_paid, charge_data, "A charge was paid in time and in full."},
    {charge_paid_late, charge_data, "A charge was paid after it had expired or was canceled; the amount is credited."},
    {charge_underpaid, charge_data, "A charge was settled with less than its amount; that is credited."},
    {charge_expired, charge_data, "A charge expired unpaid."},
    {charge_canceled, charge_data, "A charge was canceled."},
    {withdrawal_created, withdrawal_data, "A withdrawal was requested; amount and fee limit are locked."},
    {withdrawal_dispatched, withdrawal_data, "A withdrawal was passed to the node."},
    {withdrawal_succeeded, withdrawal_data, "A withdrawal was paid."},
    {withdrawal_failed, withdrawal_data, "A withdrawal failed or was canceled; the locked amount is available again."},
    {withdrawal_unknown, withdrawal_data, "The outcome of a withdrawal is not known yet; the amount stays locked."},
    {webhook_test, test_event_data, "A test of a webhook endpoint."},
    {webhook_endpoint_failing, endpoint_data, "Every attempt to reach a webhook endpoint has failed for two and a half days."},
    {webhook_endpoint_disabled, endpoint_data,
     "A webhook endpoint was disabled: by its failures, by a response 410, or by request."},
    {api_key_created, api_key_data, "An API key was created."},
    {api_key_revoked, api_key_data, "An API key was revoked."},
    {api_key_rolled, api_key_data, "An API key was rolled."},
    {gate_redeemed, redemption_data, "A paid use of a gate was committed."},
    {gate_released, redemption_data, "A reserved use of a gate was released and can be claimed again."},
};

constexpr bool every_type_has_its_row() {
  for (std::size_t i = 0; i < std::size(type_rows); ++i) {
    if (type_rows[i].type != static_cast<EventType>(i)) return false;
  }
  return std::size(type_rows) == event_types_count;
}
static_assert(every_type_has_its_row());

const EventTypeRow& row_of(EventType type) { return type_rows[static_cast<std::size_t>(type)]; }

TenantScope sample_tenant(Environment environment) { return {environment, operator_tenant().workspace}; }

}  // namespace

std::string_view description_of(EventType type) { return row_of(type).description; }

Schema data_fields_of(EventType type) { return row_of(type).data.fields; }

std::string event_schema(EventType type) {
  auto fields = event_fields;
  for (auto& field : fields) {
    if (field.name == "type") field.names = std::span(enum_names<EventType>).subspan(static_cast<std::size_t>(type), 1);
    if (field.name == "data") field.members = data_fields_of(type);
  }
  JsonObject head;
  head.add("$schema", "https://json-schema.org/draft/2020-12/schema").add("title", name_of(type));
  return json_schema(std::move(head), fields, Extras::optional);
}

EventSample sample_of(EventType type, Environment environment) {
  return {type, row_of(type).data.sample(type, sample_tenant(environment))};
}

std::string sample_event_json(EventType type) {
  Event event{.id = {}, .seq = 1, .at = samples::time, .data = {}};
  samples::set_id(event.id);
  return sample_json(std::move(event), sample_of(type, Environment::test), sample_tenant(Environment::test));
}

}  // namespace lntpay
