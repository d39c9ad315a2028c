// One schema for each type of field; null is a second type where a field may be null.
#include "core/base/json_schema.hpp"

namespace lntpay {
namespace {

void add_type(JsonObject& schema, std::string_view type, bool is_nullable) {
  if (is_nullable) {
    schema.raw("type", JsonArray{}.add(type).add("null").text());
  } else {
    schema.add("type", type);
  }
}

/// `const` for one value; null is one of several.
void add_names(JsonObject& schema, std::span<const std::string_view> names, bool is_nullable) {
  if (names.size() == 1 && !is_nullable) {
    schema.add("const", names.front());
    return;
  }
  JsonArray values;
  for (const auto name : names) values.add(name);
  if (is_nullable) values.raw("null");
  schema.raw("enum", values.text());
}

std::string_view type_of(FieldType type) {
  switch (type) {
    case FieldType::integer:
    case FieldType::sats:
    case FieldType::msats: return "integer";
    case FieldType::boolean: return "boolean";
    case FieldType::object: return "object";
    case FieldType::names: return "array";
    case FieldType::text:
    case FieldType::one_of:
    case FieldType::url:
    case FieldType::hex32:
    case FieldType::time: return "string";
  }
}

std::string object_schema(JsonObject head, Schema fields, Extras extras, bool is_nullable);

/// Of one value, or of the lists of such values.
std::string value_schema(const Field& field, unsigned lists, bool is_nullable) {
  JsonObject schema;
  if (lists > 0) {
    add_type(schema, "array", is_nullable);
    return schema.raw("items", value_schema(field, lists - 1, false)).text();
  }
  if (!field.members.empty()) return object_schema({}, field.members, Extras::left_out, is_nullable);
  add_type(schema, type_of(field.type), is_nullable);
  switch (field.type) {
    case FieldType::text:
      if (field.min > 0) schema.add("minLength", 1);  // `min` counts bytes
      break;
    case FieldType::sats:
    case FieldType::msats: schema.add("minimum", field.min); break;
    case FieldType::one_of: add_names(schema, field.names, is_nullable); break;
    case FieldType::names: {
      JsonObject item;
      add_type(item, "string", false);
      if (!field.names.empty()) add_names(item, field.names, false);
      schema.raw("items", item.text());
      break;
    }
    case FieldType::url: schema.add("format", "uri"); break;
    case FieldType::hex32: schema.add("pattern", "^[0-9a-f]{64}$"); break;
    case FieldType::time: schema.add("format", "date-time"); break;
    case FieldType::boolean:
      if (field.names.size() == 1) schema.raw("const", field.names.front());
      break;
    case FieldType::integer:
    case FieldType::object: break;
  }
  return schema.text();
}

std::string object_schema(JsonObject head, Schema fields, Extras extras, bool is_nullable) {
  JsonObject properties;
  JsonArray required;
  for (const auto& field : fields) {
    if (field.only_when_given && extras == Extras::left_out) continue;
    properties.raw(field.name, value_schema(field, field.lists, !field.required && !field.only_when_given));
    if (!field.only_when_given) required.add(field.name);
  }
  add_type(head, "object", is_nullable);
  return head.raw("properties", properties.text()).raw("required", required.text()).text();
}

}  // namespace

std::string json_schema(JsonObject head, Schema fields, Extras extras) {
  return object_schema(std::move(head), fields, extras, false);
}

}  // namespace lntpay
