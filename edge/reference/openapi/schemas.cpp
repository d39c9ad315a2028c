// One schema for each type of field.
#include "edge/reference/openapi/schemas.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/event/event_object.hpp"
#include "core/operations/event_type_table.hpp"
#include "edge/http/page.hpp"
#include "edge/http/schema.hpp"

namespace lntpay::openapi {
namespace {

Node names_of(std::span<const std::string_view> names) {
  auto list = Node::array();
  for (const auto name : names) list.push_back(name);
  return list;
}

/// The constant of the member `object`; empty: the object names no kind.
std::string_view kind_of(Schema fields) {
  const auto kind = std::ranges::find(fields, std::string_view("object"), &Field::name);
  return kind != fields.end() && kind->names.size() == 1 ? kind->names.front() : std::string_view{};
}

std::string_view json_type(FieldType type) {
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
  return "string";
}

void add_names(Node& schema, std::span<const std::string_view> names) {
  if (names.size() == 1) {
    schema["const"] = names.front();
  } else if (!names.empty()) {
    schema["enum"] = names_of(names);
  }
}

/// What requests and responses have in common.
Node plain_value(const Field& field) {
  Node schema{{"type", json_type(field.type)}};
  if (field.type == FieldType::one_of) add_names(schema, field.names);
  if (field.type == FieldType::names) {
    schema["items"] = Node{{"type", "string"}};
    add_names(schema["items"], field.names);
    schema["uniqueItems"] = true;
  }
  if (field.type == FieldType::url) schema["format"] = "uri";
  if (field.type == FieldType::hex32) schema["pattern"] = "^[0-9a-f]{64}$";
  if (field.type == FieldType::time) schema["format"] = "date-time";
  return schema;
}

void allow_null(Node& schema) {
  if (schema.contains("$ref") || schema.contains("oneOf")) {
    schema = Node{{"oneOf", Node::array({schema, {{"type", "null"}}})}};
    return;
  }
  schema["type"] = Node::array({schema["type"], "null"});
  if (const auto fixed = schema.find("const"); fixed != schema.end()) {
    schema["enum"] = Node::array({*fixed});
    schema.erase("const");
  }
  if (schema.contains("enum")) schema["enum"].push_back(nullptr);
}

/// The keywords of a field's own rule (Field::form). A rule that no keyword expresses is a format.
Node form_keywords(std::string_view form) {
  constexpr std::string_view token = "^[-!#$%&'*+.^_`|~0-9A-Za-z]+$";
  if (form.empty()) return Node::object();
  if (form == "header_values") {
    return Node{{"maxProperties", 10},
                {"propertyNames", {{"pattern", token}, {"maxLength", 64}}},
                {"additionalProperties", {{"type", "string"}, {"pattern", "^[!-~]([ -~]*[!-~])?$"}, {"maxLength", 1'024}}}};
  }
  if (form == "ticket") return Node{{"pattern", "^(?!wd_|ch_)[0-9A-Za-z._:/#-]+$"}};
  if (form.ends_with("_url") && form != "service_url") return Node{{"format", "uri"}};
  std::string format(form);
  std::ranges::replace(format, '_', '-');
  return Node{{"format", format}};
}

/// At most one of two fields; or exactly one.
Node choice(const Field& field) {
  const std::string one(field.name);
  const std::string other(field.instead_of);
  const auto given = [](const std::string& name) {
    return Node{{"required", Node::array({name})}, {"properties", {{name, {{"not", {{"type", "null"}}}}}}}};
  };
  if (field.one_needed) return Node{{"oneOf", Node::array({given(other), given(one)})}};
  return Node{{"not", {{"allOf", Node::array({given(other), given(one)})}}}};
}

void describe(Node& schema, std::string_view description) {
  if (!description.empty()) schema["description"] = description;
}

}  // namespace

std::string pascal(std::string_view name) {
  std::string words;
  bool begins = true;
  for (const char c : name) {
    const bool is_letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_letter) words += static_cast<char>(begins ? std::toupper(static_cast<unsigned char>(c)) : c);
    begins = !is_letter;
  }
  return words;
}

Node reference_to(std::string_view kind, std::string_view name) {
  return Node{{"$ref", "#/components/" + text_of(kind) + "/" + text_of(name)}};
}

Node Schemas::add(std::string_view name, Node schema) {
  const auto key = text_of(name);
  if (components_.contains(key) && components_[key] != schema) {
    std::fprintf(stderr, "openapi: two different objects are named %s; give one of them another kind\n", key.c_str());
    std::exit(1);
  }
  components_[key] = std::move(schema);
  return reference_to("schemas", name);
}

Node Schemas::object(Schema fields) {
  const auto kind = kind_of(fields);
  if (kind.empty()) return inline_object(fields);
  if (fields.data() == event_fields.data()) return any_event();
  return add(pascal(kind), inline_object(fields));
}

Node Schemas::inline_object(Schema fields) {
  Node schema{{"type", "object"}, {"properties", Node::object()}, {"required", Node::array()}};
  for (const auto& field : fields) {
    schema["properties"][text_of(field.name)] = value(field);
    if (!field.only_when_given) schema["required"].push_back(field.name);
  }
  if (schema["required"].empty()) schema.erase("required");
  return schema;
}

Node Schemas::nested(const Field& field, unsigned lists) {
  if (lists > 0) return Node{{"type", "array"}, {"items", nested(field, lists - 1)}};
  return field.members.empty() ? Node{{"type", "object"}} : object(field.members);
}

Node Schemas::value(const Field& field) {
  auto schema = field.type == FieldType::object ? nested(field, field.lists) : plain_value(field);
  if (field.type == FieldType::names) schema.erase("uniqueItems");
  if (field.type == FieldType::text && field.min > 0) schema["minLength"] = 1;
  if (field.type == FieldType::sats || field.type == FieldType::msats) {
    schema["minimum"] = field.min;
    schema["format"] = "int64";
  }
  if (field.type == FieldType::integer) schema["format"] = "int64";
  if (field.type == FieldType::boolean && field.names.size() == 1) schema["const"] = field.names.front() == "true";
  if (field.nullable) allow_null(schema);
  describe(schema, field.description);
  return schema;
}

Node Schemas::page(Schema item, bool by_seq) {
  auto envelope = inline_object(list_fields);
  auto& members = envelope["properties"];
  members["data"]["items"] = object(item);
  if (by_seq) return add(pascal(kind_of(item)) + "List", std::move(envelope));
  for (const auto* name : {"next_after_seq", "next_before_seq", "oldest_seq"}) members.erase(name);
  envelope["required"].push_back("next_cursor");
  return add(pascal(kind_of(item)) + "List", std::move(envelope));
}

Node Schemas::event(EventType type) {
  auto schema = inline_object(event_fields);
  schema["properties"]["type"] = Node{{"type", "string"}, {"const", name_of(type)}, {"description", "The type of the event."}};
  schema["properties"]["data"] = object(data_fields_of(type));
  schema["description"] = description_of(type);
  return add(pascal(name_of(type)) + "Event", std::move(schema));
}

Node Schemas::any_event() {
  Node schema{{"oneOf", Node::array()}, {"discriminator", {{"propertyName", "type"}, {"mapping", Node::object()}}}};
  for (std::size_t i = 0; i < enum_names<EventType>.size(); ++i) {
    const auto one = event(static_cast<EventType>(i));
    schema["oneOf"].push_back(one);
    schema["discriminator"]["mapping"][text_of(enum_names<EventType>[i])] = one["$ref"];
  }
  return add("Event", std::move(schema));
}

Node request_value(const Field& field, bool in_query) {
  auto schema = plain_value(field);
  const auto max = field.max != 0 ? field.max : max_of(field.type);
  switch (field.type) {
    case FieldType::text:
      if (field.min > 0) schema["minLength"] = 1;  // min and max count bytes
      schema["maxLength"] = max;
      break;
    case FieldType::integer:
    case FieldType::sats:
    case FieldType::msats:
      schema["format"] = "int64";
      schema["minimum"] = field.min;
      schema["maximum"] = max;
      break;
    case FieldType::names:
      schema["minItems"] = field.min;
      schema["maxItems"] = field.max != 0 ? field.max : field.names.empty() ? max : field.names.size();
      break;
    case FieldType::url: schema["maxLength"] = max; break;
    case FieldType::object:
      if (!field.members.empty()) schema = body_schema(field.members);
      break;
    case FieldType::boolean:
    case FieldType::one_of:
    case FieldType::hex32:
    case FieldType::time: break;
  }
  auto& ruled = field.type == FieldType::names ? schema["items"] : schema;
  if (field.type != FieldType::time) ruled.update(form_keywords(field.form));
  if (!in_query && !field.required) allow_null(schema);
  if (!in_query) describe(schema, field.description);
  return schema;
}

Node body_schema(Schema fields) {
  Node schema{{"type", "object"}, {"properties", Node::object()}, {"required", Node::array()}};
  for (const auto& field : fields) {
    schema["properties"][text_of(field.name)] = request_value(field, false);
    if (field.required) schema["required"].push_back(field.name);
  }
  if (schema["required"].empty()) schema.erase("required");
  schema["additionalProperties"] = false;
  auto choices = Node::array();
  for (const auto& field : fields) {
    if (!field.instead_of.empty()) choices.push_back(choice(field));
  }
  if (!choices.empty()) schema["allOf"] = std::move(choices);
  return schema;
}

}  // namespace lntpay::openapi
