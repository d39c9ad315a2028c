// Compares a response with its route's schema: no unknown member, every required field, each with its type; the same for the
// objects in it.
#include "tests/support/conforms.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/error_object.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/time.hpp"
#include "edge/http/page.hpp"
#include "edge/http/request.hpp"
#include "edge/routing/route.hpp"
#include "edge/routing/serve.hpp"

namespace lntpay::test {
namespace {

bool has_type(const Json& value, const Field& field) {
  const bool number = value.kind == Json::Kind::number;
  const bool text = value.kind == Json::Kind::text;
  switch (field.type) {
    case FieldType::text:
    case FieldType::url: return text && value.text.size() >= field.min;
    case FieldType::integer: return number;  // changes may be negative
    case FieldType::sats:
    case FieldType::msats: return number && value.whole().has_value() && *value.whole() >= field.min;
    case FieldType::boolean: return value.kind == Json::Kind::boolean;
    case FieldType::object: return true;  // nested_deviation
    case FieldType::one_of: return text && std::ranges::contains(field.names, std::string_view(value.text));
    case FieldType::names: return value.kind == Json::Kind::array;
    case FieldType::hex32: return text && hex_decode32(value.text).has_value();
    case FieldType::time: return text && parse_rfc3339(value.text).has_value();
  }
  return false;
}

std::string object_deviation(const Json& object, Schema schema);

/// Of an object, or of lists of objects, in an object.
std::string nested_deviation(const Json& value, Schema schema, unsigned lists) {
  const bool any_object = schema.empty() && value.kind == Json::Kind::object;
  if (lists == 0) return any_object ? std::string{} : object_deviation(value, schema);
  if (value.kind != Json::Kind::array) return "is not a list";
  for (const auto& item : value.items) {
    if (auto wrong = nested_deviation(item, schema, lists - 1); !wrong.empty()) return wrong;
  }
  return {};
}

std::string object_deviation(const Json& object, Schema schema) {
  if (object.kind != Json::Kind::object) return "is not an object";
  for (const auto& member : object.members) {
    const auto field = std::ranges::find(schema, std::string_view(member.name), &Field::name);
    if (field == schema.end()) return member.name + " is not in the schema";
    if (member.value.kind == Json::Kind::null ? !field->nullable : !has_type(member.value, *field)) {
      return member.name + " does not have its type";
    }
    if (field->type != FieldType::object || member.value.kind == Json::Kind::null) continue;
    const auto wrong = nested_deviation(member.value, field->members, field->lists);
    if (!wrong.empty()) return member.name + ": " + wrong;
  }
  for (const auto& field : schema) {
    if (field.required && object.find(field.name) == nullptr) return std::string(field.name) + " is missing";
  }
  return {};
}

/// A gate and the checkout pages answer with other types, in which an error has another form.
std::string error_deviation(const Response& response) {
  const auto type = std::ranges::find(response.headers, "content-type", &Header::name);
  if (type == response.headers.end() || type->value != "application/json") return {};
  const auto json = read_json(response.body);
  return json ? object_deviation(*json, error_body_fields) : json.error().message;
}

/// For a response that is not JSON: its content type must be one of the route's, and lines of JSON must match its schema.
std::string media_deviation(const Response& response, const Route& route) {
  const auto type = std::ranges::find(response.headers, "content-type", &Header::name);
  if (type == response.headers.end() || !std::ranges::contains(route.media, std::string_view(type->value))) {
    return "the content type is not the route's";
  }
  if (type->value != "application/x-ndjson") return {};
  std::string_view rest = response.body;
  while (!rest.empty()) {
    const auto json = read_json(row::cut(rest, '\n'));
    if (!json) return json.error().message;
    if (auto wrong = object_deviation(*json, route.answer); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

std::string deviation(const Request& request, const Response& response) {
  if constexpr (!promises_are_kept) return {};  // checked by the native run of the same tests
  const auto target = parse_target(request.target);
  if (request.method == "HEAD") return {};
  if (response.status >= 400) return error_deviation(response);
  if (response.status >= 300 || !target) return {};
  const auto match = match_route(request.method, target->segments);
  if (match.route == nullptr) return {};
  if (!match.route->media.empty()) return media_deviation(response, *match.route);
  if (response.status == 204)
    return match.route->success == 204 && response.body.empty() ? "" : "a response of this route is not empty";
  constexpr std::size_t values_max = 100'000;  // a list of event types has more than a request may have
  const auto json = read_json(response.body, json_depth_max, values_max);
  if (!json) return json.error().message;
  if (response.status != match.route->success && response.status != match.route->other_success)
    return "the status is not the route's";
  if (!match.route->list) return object_deviation(*json, match.route->answer);
  if (auto wrong = object_deviation(*json, list_fields); !wrong.empty()) return wrong;
  return nested_deviation(*json->find("data"), match.route->answer, 1);
}

}  // namespace lntpay::test
