// From a route to its operation.
#include "edge/reference/openapi/operations.hpp"

#include <algorithm>
#include <ranges>

#include "core/event/event.hpp"
#include "edge/gate/gate_problem.hpp"
#include "edge/http/request.hpp"

namespace lntpay::openapi {
namespace {

/// How an id begins: what a path's {…} stands for by its name.
std::string_view prefix_of(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> prefixes[] = {
      {"charge", "ch_"}, {"withdrawal", "wd_"}, {"event", "evt_"}, {"endpoint", "whe_"},  {"delivery", "whd_"},
      {"key", "key_"},   {"workspace", "ws_"},  {"gate", "gate_"}, {"redemption", "rdm_"}};
  const auto found = std::ranges::find(prefixes, name, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(prefixes) ? std::string_view{} : found->second;
}

/// The values of a pattern's {…} in an exchange.
std::vector<std::string> path_values(const Route& route, const Exchange& exchange) {
  std::vector<std::string> values;
  const auto target = parse_target(exchange.request.target);
  auto at = target->segments.begin();
  for (const auto part : route.pattern.substr(1) | std::views::split('/')) {
    if (is_parameter(std::string_view(part))) values.push_back(*at);
    ++at;
  }
  return values;
}

Node query_parameter(const Field& field, const Exchange* example) {
  Node parameter{{"name", field.name}, {"in", "query"}, {"description", field.description}};
  if (field.required) parameter["required"] = true;
  if (field.type == FieldType::names) {
    parameter["style"] = "form";
    parameter["explode"] = false;
  }
  if (field.type == FieldType::object) {  // name[member]=value
    parameter["style"] = "deepObject";
    parameter["explode"] = true;
  }
  if (!field.instead_of.empty()) parameter["x-instead-of"] = field.instead_of;
  parameter["schema"] = request_value(field, true);
  if (example == nullptr || field.type == FieldType::names || field.type == FieldType::object) return parameter;
  const auto target = parse_target(example->request.target);
  for (const auto& [name, value] : target->query) {
    if (name != field.name) continue;
    const bool is_text = parameter["schema"]["type"] == "string";
    parameter["example"] = is_text ? Node(value) : Node::parse(value, nullptr, false);
  }
  return parameter;
}

Node parameters_of(const Route& route, const Exchange* example) {
  auto parameters = Node::array();
  const auto values = example != nullptr ? path_values(route, *example) : std::vector<std::string>{};
  std::size_t index = 0;
  for (const auto part : route.pattern | std::views::split('/')) {
    const std::string_view segment(part);
    if (!is_parameter(segment)) continue;
    parameters.push_back(
        path_parameter(segment.substr(1, segment.find('}') - 1), index < values.size() ? Node(values[index]) : Node()));
    ++index;
  }
  for (const auto& field : route.query) parameters.push_back(query_parameter(field, example));
  if (route.idempotency == IdempotencyUse::accepted) parameters.push_back(reference_to("parameters", "IdempotencyKey"));
  if (route.idempotency == IdempotencyUse::required) parameters.push_back(reference_to("parameters", "RequiredIdempotencyKey"));
  if (route.access == Access::key) parameters.push_back(reference_to("parameters", "Version"));
  if (route.rate_class == ratelimit::RateClass::stream) parameters.push_back(reference_to("parameters", "LastEventId"));
  if (!route.pattern.starts_with("/gate/")) return parameters;
  for (const auto* name : {"ForwardedMethod", "ForwardedUri", "OriginalMethod", "OriginalUri"})
    parameters.push_back(reference_to("parameters", name));
  return parameters;
}

Node security_of(const Route& route) {
  if (route.access == Access::open) return Node::array();
  if (route.access == Access::operator_token) return Node::array({{{"operatorToken", Node::array()}}});
  return Node::array({{{"apiKey", Node::parse(route.scopes.json())}}});
}

std::string_view kept_text(Millis kept) { return kept > idempotency::retention_default ? "30 days" : "24 hours"; }

std::string description_of(const Route& route) {
  std::string text;
  const auto line = [&text](const std::string& sentence) { text += (text.empty() ? "" : "\n\n") + sentence; };
  if (route.access == Access::key)
    line(route.scopes.empty() ? "Any API key may do this." : "Scopes: `" + route.scopes.text() + "`.");
  if (route.access == Access::operator_token) line("For the operator, with the operator's token.");
  if (route.sandbox_only) line("Test keys only.");
  if (route.idempotency == IdempotencyUse::required)
    line("An `Idempotency-Key` is required. The response is kept for " + text_of(kept_text(route.answer_kept)) + ".");
  if (route.idempotency == IdempotencyUse::accepted) {
    line("Takes an `Idempotency-Key`: a repeated request gets the first response, for " + text_of(kept_text(route.answer_kept)) +
         ".");
  }
  if (route.answer_is_secret)
    line("The response has a secret that is shown once; it is replayed only to the key that made the request.");
  if (route.access == Access::key) line("Rate class: `" + text_of(ratelimit::policy_name(route.rate_class)) + "`.");
  return text;
}

/// https://paymentauth.org/draft-payment-discovery-00.html. A price is the gate's, so it is in the challenge alone.
Node payment_info() {
  return Node{{"intent", "charge"},
              {"method", "lightning"},
              {"amount", nullptr},
              {"currency", "sat"},
              {"description", "What the gate asks, in the challenge (402): L402 and Payment over one invoice."}};
}

}  // namespace

Node path_parameter(std::string_view name, const Node& example) {
  Node parameter{{"name", name}, {"in", "path"}, {"required", true}, {"description", "The " + text_of(name) + "'s id."}};
  if (const auto prefix = prefix_of(name); !prefix.empty()) {
    parameter["schema"] = Node{{"type", "string"}, {"pattern", "^" + text_of(prefix) + "[0-9A-Za-z]{28}$"}};
  } else if (name == "type") {
    parameter["description"] = "The type of the events.";
    parameter["schema"] = Node{{"type", "string"}, {"enum", enum_names<EventType>}};
  } else {
    if (name == "token") parameter["description"] = "The last part of the link of the page.";
    parameter["schema"] = Node{{"type", "string"}, {"pattern", "^[0-9A-Za-z_-]+$"}};
  }
  if (!example.is_null()) parameter["example"] = example;
  return parameter;
}

Node operation(const Route& route, Responses& responses, const Examples& examples) {
  const auto* example = examples.find(route, route.success);
  Node made{{"operationId", operation_id(route)},
            {"summary", route.summary},
            {"tags", Node::array({tag_of(route)})},
            {"security", security_of(route)}};
  if (auto description = description_of(route); !description.empty()) made["description"] = std::move(description);
  if (auto parameters = parameters_of(route, example); !parameters.empty()) made["parameters"] = std::move(parameters);
  if (!route.body.empty()) {
    auto& body = made["requestBody"];
    body["required"] = std::ranges::any_of(route.body, [](const Field& field) { return field.required || field.one_needed; });
    auto& content = body["content"]["application/json"];
    content["schema"] = body_schema(route.body);
    if (example != nullptr && !example->request.body.empty())
      content["example"] = Node::parse(example->request.body, nullptr, false);
  }
  made["responses"] = responses.of(route);
  if (route.access == Access::key) {
    made["x-rate-class"] = ratelimit::policy_name(route.rate_class);
    made["x-scopes"] = Node::parse(route.scopes.json());
  }
  constexpr std::string_view uses[] = {"ignored", "accepted", "required"};
  made["x-idempotency"] = uses[static_cast<std::size_t>(route.idempotency)];
  if (route.sandbox_only) made["x-sandbox-only"] = true;
  if (route.answer.data() == problem_fields.data()) made["x-payment-info"] = payment_info();
  return made;
}

Node parameter_components() {
  const auto header = [](std::string_view name, std::string_view description, Node schema, bool required = false) {
    Node parameter{{"name", name}, {"in", "header"}, {"description", description}};
    if (required) parameter["required"] = true;
    parameter["schema"] = std::move(schema);
    return parameter;
  };
  const Node key{{"type", "string"}, {"minLength", 1}, {"maxLength", 255}, {"pattern", "^[!-~]+$"}};
  constexpr std::string_view repeated =
      "A new UUID for each operation; the same one in a retry. A repeated request gets the first response.";
  const Node text{{"type", "string"}, {"minLength", 1}};
  return Node{{"IdempotencyKey", header("Idempotency-Key", repeated, key)},
              {"RequiredIdempotencyKey", header("Idempotency-Key", repeated, key, true)},
              {"Version", header(api_version_header, "The version of the API; default: that of the API key.", version_schema())},
              {"LastEventId", header("Last-Event-ID", "The id of the last event of this stream; sent by EventSource itself.",
                                     {{"type", "string"}, {"pattern", "^[0-9]{1,18}$"}})},
              {"ForwardedMethod", header("X-Forwarded-Method", "The method of the client's request; or X-Original-Method.", text)},
              {"ForwardedUri", header("X-Forwarded-Uri", "The target of the client's request; or X-Original-Uri.", text)},
              {"OriginalMethod", header("X-Original-Method", "As X-Forwarded-Method.", text)},
              {"OriginalUri", header("X-Original-Uri", "As X-Forwarded-Uri.", text)}};
}

}  // namespace lntpay::openapi
