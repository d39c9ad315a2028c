// /v1/event_types: what each type of event means, who may read it, its JSON Schema and a sample. For every API key, as it shows
// nothing of a workspace. The table: core/operations/event_type_table.cpp.
#include "core/access/event_access.hpp"
#include "core/base/object.hpp"
#include "core/operations/event_type_table.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace event_types_resource {
namespace {

constexpr auto event_type_object =
    object_of<EventType>(kind_member<"event_type">(), member("name", "The type.", [](EventType type) { return type; }),
                         member("description", "What has happened.", [](EventType type) { return description_of(type); }),
                         member("scopes", "A key with any one of these reads its events and may subscribe to them.",
                                [](EventType type) { return NameList<Scope>{readers_of(type).json()}; }),
                         member("schema", "The JSON Schema (2020-12) of the event: the body of its webhooks.",
                                [](EventType type) { return RawJson<std::string>{event_schema(type)}; }),
                         member("sample", "An event of this type that did not happen, as `test` of an endpoint sends it.",
                                [](EventType type) { return RawJson<std::string>{sample_event_json(type)}; }));
constexpr auto event_type_fields = event_type_object.fields();

Done list(Call& /*call*/) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < enum_names<EventType>.size(); ++i) items.push_back(event_type_object.text(static_cast<EventType>(i)));
  co_return page_json(items, {});
}

Done get(Call& call) {
  const auto type = from_name<EventType>(call.path[0]);
  if (!type) co_return fail(ErrorCode::not_found, "There is no event type with this name.");
  co_return event_type_object.text(*type);
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/event_types",
     .summary = "List the types of events",
     .handler = list,
     .answer = event_type_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/event_types/{type}",
     .summary = "Get a type of events",
     .handler = get,
     .answer = event_type_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace event_types_resource

std::span<const Route> resources::event_types() { return event_types_resource::routes; }

}  // namespace lntpay
