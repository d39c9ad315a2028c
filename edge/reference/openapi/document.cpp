// The whole document: paths, webhooks, components.
#include "edge/reference/openapi/document.hpp"

#include <ranges>

#include "core/access/event_access.hpp"
#include "core/operations/event_type_table.hpp"
#include "edge/reference/openapi/host_paths.hpp"
#include "edge/reference/openapi/operations.hpp"
#include "edge/reference/openapi/responses.hpp"

namespace lntpay::openapi {
namespace {

std::string lower(std::string_view text) {
  std::string made(text);
  for (auto& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

constexpr std::string_view about =
    "Lightning payments for APIs: charges, withdrawals, a hash-chained ledger, signed webhooks, and gates that put a price on a "
    "request.\n\n"
    "- Amounts are integers: `*_msat` is exact, `*_sats` is whole. Balances and amounts received are rounded down, required "
    "amounts, "
    "prices, fees and fee limits up.\n"
    "- Send an `Idempotency-Key` with every `POST` that changes something, and the same one when you retry.\n"
    "- An error is one object: `{\"error\":{\"code\",\"message\",\"request_id\",\"param\"?,\"details\"?}}`.\n"
    "- A list is read page by page: `cursor` is the `next_cursor` of the previous page.\n"
    "- A member may be added to any response; ignore those that you do not know. A request with an unknown member is refused.\n"
    "- Test keys (`lnt_test_…`) work in the sandbox, whose invoices are real and cost nothing.";

Node webhook_headers(const Outgoing* sent) {
  constexpr std::pair<std::string_view, std::string_view> headers[] = {
      {"webhook-id", "The id of the event: the same in every attempt."},
      {"webhook-timestamp", "Seconds of the attempt, since 1970."},
      {"webhook-signature", "v1,… for each secret that signs: HMAC-SHA256 of id.timestamp.body (Standard Webhooks)."},
      {"X-Signature", "HMAC-SHA256 of the body in hex, with the active secret as it was shown."},
      {"X-LNTPay-Signature", "The same."}};
  auto parameters = Node::array();
  for (const auto& [name, description] : headers) {
    Node parameter{
        {"name", name}, {"in", "header"}, {"required", true}, {"description", description}, {"schema", {{"type", "string"}}}};
    if (sent != nullptr) {
      for (const auto& header : sent->headers) {
        if (lower(header.name) == lower(name)) parameter["example"] = header.value;
      }
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

Node webhook(EventType type, Schemas& schemas, const Examples& examples) {
  const auto* sent = examples.find_webhook(type);
  Node content{{"schema", schemas.event(type)}};
  content["example"] = Node::parse(sent != nullptr ? sent->body : sample_event_json(type), nullptr, false);
  return Node{{"post",
               {{"operationId", "on" + pascal(name_of(type))},
                {"summary", description_of(type)},
                {"description", "A key with one of these scopes may subscribe: `" + readers_of(type).text() + "`."},
                {"tags", Node::array({"Webhooks"})},
                {"security", Node::array()},
                {"parameters", webhook_headers(sent)},
                {"requestBody", {{"required", true}, {"content", {{"application/json", std::move(content)}}}}},
                {"responses",
                 {{"2XX", {{"description", "The event is delivered. Any other status is a failure, and the delivery is retried."}}},
                  {"410", {{"description", "The endpoint is disabled."}}}}}}}};
}

Node security_schemes() {
  const auto bearer = [](std::string_view description) {
    return Node{{"type", "http"}, {"scheme", "bearer"}, {"description", description}};
  };
  return Node{
      {"apiKey",
       bearer("An API key: `lnt_test_…` in the sandbox, `lnt_live_…` for real payments. What a route needs of it are its scopes.")},
      {"operatorToken", bearer("The operator's token, which the host was set up with.")}};
}

}  // namespace

Node document(std::string_view version, const Examples& examples) {
  Schemas schemas;
  Responses responses(schemas, examples);
  auto paths = Node::object();
  for (const auto& route : route_table() | std::views::join)
    paths[text_of(route.pattern)][lower(route.method)] = operation(route, responses, examples);
  add_host_paths(paths);
  auto webhooks = Node::object();
  for (std::size_t i = 0; i < enum_names<EventType>.size(); ++i)
    webhooks[text_of(enum_names<EventType>[i])] = webhook(static_cast<EventType>(i), schemas, examples);
  return Node{
      {"openapi", "3.1.1"},
      {"info",
       {{"title", "LNTPay"},
        {"version", api_version_newest},
        {"summary", "Lightning payments for APIs"},
        {"description", about},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}},
        {"x-product-version", version}}},
      {"jsonSchemaDialect", "https://spec.openapis.org/oas/3.1/dialect/base"},
      {"servers", Node::array({{{"url", "/"}, {"description", "This host"}}})},
      {"x-service-info",
       {{"categories", Node::array({"payments", "lightning"})}, {"docs", {{"apiReference", "/docs"}, {"llms", "/llms.txt"}}}}},
      {"tags", tags()},
      {"paths", std::move(paths)},
      {"webhooks", std::move(webhooks)},
      {"components",
       {{"schemas", schemas.components()},
        {"responses", responses.components()},
        {"parameters", parameter_components()},
        {"headers", header_components()},
        {"securitySchemes", security_schemes()}}}};
}

}  // namespace lntpay::openapi
