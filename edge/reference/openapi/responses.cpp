// Responses of success, and of errors by status.
#include "edge/reference/openapi/responses.hpp"

#include <algorithm>
#include <map>

#include "core/base/error_json.hpp"
#include "core/base/error_object.hpp"
#include "edge/gate/gate_problem.hpp"
#include "edge/reference/openapi/operations.hpp"
#include "edge/resources/deleted.hpp"

namespace lntpay::openapi {
namespace {

using enum ErrorCode;
using CodesByStatus = std::map<std::uint16_t, std::vector<ErrorCode>>;

void add(CodesByStatus& all, ErrorCode code) {
  auto& codes = all[info(code).status];
  if (!std::ranges::contains(codes, code)) codes.push_back(code);
}
void add(CodesByStatus& all, std::initializer_list<ErrorCode> codes) {
  for (const auto code : codes) add(all, code);
}

/// What serve.cpp and the hosts can answer to a request of this route, and what the route adds.
CodesByStatus codes_of(const Route& route) {
  CodesByStatus all;
  add(all, {invalid_request, request_timeout, payload_too_large, uri_too_long, unsupported_media_type, headers_too_large,
            rate_limit_exceeded, internal_error, storage_unavailable, overloaded});
  if (route.access != Access::open) add(all, unauthenticated);
  if (route.access == Access::key) add(all, {insufficient_scopes, limit_exceeded});
  if (route.sandbox_only) add(all, environment_mismatch);
  if (route.idempotency != IdempotencyUse::ignored)
    add(all, {idempotency_key_invalid, idempotency_in_progress, idempotency_key_reused});
  if (route.idempotency == IdempotencyUse::required) add(all, idempotency_key_required);
  if (route.pattern.contains('{')) add(all, not_found);
  for (const auto code : route.errors) add(all, code);
  for (auto& codes : all | std::views::values) std::ranges::sort(codes);
  return all;
}

bool is_gate(const Route& route) { return route.answer.data() == problem_fields.data(); }

Node html() { return Node{{"schema", {{"type", "string"}}}}; }

void add_header(Node& response, std::string_view name) { response["headers"][text_of(name)] = reference_to("headers", name); }

/// Those of every response of the route.
void add_common_headers(Node& response, const Route& route) {
  add_header(response, "Request-Id");
  add_header(response, "LNTPay-Version");
  if (route.access != Access::key && !route.per_client) return;
  add_header(response, "RateLimit-Policy");
  add_header(response, "RateLimit");
}

std::string_view name_of_media(const Route& route) { return route.list ? "A page of the list." : "The object."; }

Node read(const std::string& json) { return Node::parse(json, nullptr, false); }

}  // namespace

std::vector<ErrorCode> public_codes() {
  std::vector<ErrorCode> codes;
  for (auto code = ErrorCode{}; code < conflict; code = static_cast<ErrorCode>(static_cast<int>(code) + 1)) codes.push_back(code);
  return codes;
}

Node version_schema() {
  Node schema{{"type", "string"}};
  for (const auto version : api_versions) schema["enum"].push_back(version);
  return schema;
}

Node header_components() {
  const auto header = [](std::string_view description, Node schema, bool required = false) {
    Node made{{"description", description}};
    if (required) made["required"] = true;
    made["schema"] = std::move(schema);
    return made;
  };
  const Node text{{"type", "string"}};
  const Node whole{{"type", "integer"}, {"minimum", 0}};
  return Node{
      {"Request-Id",
       header("The id of this request. Name it to support.", {{"type", "string"}, {"pattern", "^req_[0-9A-Za-z]+$"}})},
      {"LNTPay-Version", header("The version of the API that the response has.", version_schema())},
      {"RateLimit-Policy",
       header("The limit that is closest to its end: \"default\";q=600;w=60 is 600 requests in 60 seconds.", text)},
      {"RateLimit", header("What is left of it: r requests; t seconds until it is whole again.", text)},
      {"Retry-After", header("Seconds after which to send the request again.", whole)},
      {"Idempotent-Replayed", header("This is the stored response to the first request with the same Idempotency-Key.",
                                     {{"type", "string"}, {"const", "true"}})},
      {"WWW-Authenticate",
       header("The scheme to authenticate with; of a gate, the challenge of each scheme that it offers.", text)},
      {"Location", header("Where to go on.", text)},
      {"Link", header("The next page: <…>; rel=\"next\".", text)},
      {"Payment-Receipt", header("The receipt of a committed use (base64url JSON).", text)},
      {"LNTPay-Redemption-Id", header("The use that this request was counted as; empty where none is counted.", text)},
      {"LNTPay-Reservation", header("To name when the use is committed or released; empty where none is counted.", text)},
  };
}

Responses::Responses(Schemas& schemas, const Examples& examples) : schemas_(schemas), examples_(examples) {
  auto error = schemas_.object(error_body_fields);
  auto& code = error["properties"]["error"]["properties"]["code"];
  code["enum"] = Node::array();
  auto sentences = std::string("The kind of error:\n");
  for (const auto each : public_codes()) {
    code["enum"].push_back(info(each).name);
    sentences +=
        "\n- `" + text_of(info(each).name) + "` (" + std::to_string(info(each).status) + "): " + text_of(info(each).sentence);
  }
  code.erase("minLength");
  code["description"] = sentences;
  schemas_.add("Error", std::move(error));
  schemas_.add("Problem", schemas_.object(problem_fields));
}

Node Responses::success(const Route& route, std::uint16_t status) {
  Node response{{"description", name_of_media(route)}, {"headers", Node::object()}};
  add_common_headers(response, route);
  if (route.idempotency != IdempotencyUse::ignored) add_header(response, "Idempotent-Replayed");
  const auto* example = examples_.find(route, status);
  if (status == 303) {
    response["description"] = "Go to the page.";
    add_header(response, "Location");
  } else if (status == 204) {
    response["description"] = "The request may pass.";
    for (const auto* name : {"Payment-Receipt", "LNTPay-Redemption-Id", "LNTPay-Reservation"}) add_header(response, name);
  } else if (!route.media.empty()) {
    response["description"] = "The content, in the type that was asked for.";
    if (std::ranges::contains(route.query, std::string_view("limit"), &Field::name)) add_header(response, "Link");
    for (const auto media : route.media) response["content"][text_of(media)] = html();
  } else {
    const bool by_seq = std::ranges::contains(route.query, std::string_view("after_seq"), &Field::name);
    auto& content = response["content"]["application/json"];
    content["schema"] = route.list ? schemas_.page(route.answer, by_seq) : schemas_.object(route.answer);
    if (route.answer.data() == deleted_fields.data()) content["schema"] = schemas_.add("Deleted", schemas_.object(deleted_fields));
    if (example != nullptr) content["example"] = read(example->response.body);
  }
  return response;
}

Node Responses::error(const Route& route, std::uint16_t status, const std::vector<ErrorCode>& codes) {
  constexpr std::size_t named_max = 3;
  std::string name = codes.size() > named_max ? pascal(operation_id(route)) + std::to_string(status) : std::string{};
  std::string description;
  auto names = Node::array();
  for (const auto code : codes) {
    if (codes.size() <= named_max) name += (name.empty() ? "" : "Or") + pascal(info(code).name);
    description +=
        (description.empty() ? "" : "\n") + std::string("- `") + text_of(info(code).name) + "`: " + text_of(info(code).sentence);
    names.push_back(info(code).name);
  }
  Node response{
      {"description", description},
      {"headers",
       {{"Request-Id", reference_to("headers", "Request-Id")}, {"LNTPay-Version", reference_to("headers", "LNTPay-Version")}}}};
  if (status == 409 || status == 429 || status == 503) add_header(response, "Retry-After");
  if (status == 401) add_header(response, "WWW-Authenticate");
  if (status != 401 && status < 500 && status != 408) {
    add_header(response, "RateLimit-Policy");
    add_header(response, "RateLimit");
  }
  const Node narrowed{{"properties", {{"error", {{"properties", {{"code", {{"enum", names}}}}}}}}}};
  auto& content = response["content"]["application/json"];
  content["schema"] = Node{{"allOf", Node::array({reference_to("schemas", "Error"), narrowed})}};
  for (const auto code : codes) {
    const auto* example = examples_.find_error(info(code).name);
    if (example == nullptr) continue;
    content["examples"][text_of(info(code).name)] = Node{{"value", read(example->response.body)}};
  }
  components_[name] = std::move(response);
  return reference_to("responses", name);
}

/// A gate's own answers have the problem object, or the checkout page for a browser.
void Responses::add_gate_answers(Node& responses, const Route& route) {
  const auto answer = [&](std::uint16_t status, std::string_view description, bool challenges) {
    Node response{{"description", description}, {"headers", Node::object()}};
    add_header(response, "Request-Id");
    if (challenges) add_header(response, "WWW-Authenticate");
    if (status == 409) add_header(response, "Retry-After");
    const Node problem{{"schema", reference_to("schemas", "Problem")}};
    response["content"] = Node{{"application/problem+json", problem}};
    if (const auto* example = examples_.find(route, status))
      response["content"]["application/problem+json"]["example"] = read(example->response.body);
    response["content"]["application/json"] = Node{{"schema", reference_to("schemas", "Error")}};
    response["content"]["text/html; charset=utf-8"] = html();
    responses[std::to_string(status)] = std::move(response);
  };
  answer(401, "The credential is not good, or the proxy asks for 401 in place of 402.", true);
  answer(402, "The request must be paid: the challenge, or for browsers the checkout page.", true);
  answer(409, "Another request with this payment is being served.", false);
}

void Responses::add_errors(Node& responses, const Route& route) {
  for (const auto& [status, codes] : codes_of(route)) {
    const auto key = std::to_string(status);
    if (responses.contains(key)) continue;
    auto response = error(route, status, codes);
    if (route.is_page || is_gate(route)) {
      response = components_[text_of(response["$ref"].get_ref<const std::string&>())
                                 .substr(std::string_view("#/components/responses/").size())];
      response["content"]["text/html; charset=utf-8"] = html();
    }
    responses[key] = std::move(response);
  }
}

Node Responses::of(const Route& route) {
  auto responses = Node::object();
  if (is_gate(route)) {
    if (route.success == 204) responses["204"] = success(route, 204);
    add_gate_answers(responses, route);
  } else {
    responses[std::to_string(route.success)] = success(route, route.success);
    if (route.other_success != 0) responses[std::to_string(route.other_success)] = success(route, route.other_success);
  }
  add_errors(responses, route);
  return responses;
}

}  // namespace lntpay::openapi
