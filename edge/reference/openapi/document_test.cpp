// The document against the tables that it is made from.
#include <doctest/doctest.h>

#include <ranges>
#include <set>

#include "edge/reference/openapi/document.hpp"
#include "edge/reference/openapi/operations.hpp"

namespace lntpay::openapi::document_test {
namespace {

const Node& whole() {
  static const Node made = document("0.1.0", record_examples());
  return made;
}

std::string lower_case(std::string_view method) {
  std::string text(method);
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

const Node& operation_of(const Route& route) { return whole()["paths"][text_of(route.pattern)][lower_case(route.method)]; }

std::set<std::string> names_of(Schema fields) {
  std::set<std::string> names;
  for (const auto& field : fields) names.emplace(field.name);
  return names;
}

/// Whether an operation has an example of its success, or an answer that has no JSON.
bool has_example(const Route& route) {
  if (!route.media.empty() || route.success == 303 || route.success == 204) return true;
  const auto& responses = operation_of(route)["responses"];
  const auto& content = responses[std::to_string(route.success)]["content"];
  const auto media = content.contains("application/problem+json") ? "application/problem+json" : "application/json";
  return content.contains(media) && content[media].contains("example");
}

}  // namespace

TEST_CASE("every route is an operation with its fields, scopes and success") {
  std::set<std::string> ids;
  for (const auto& route : route_table() | std::views::join) {
    CAPTURE(route.method);
    CAPTURE(route.pattern);
    const auto& operation = operation_of(route);
    REQUIRE(operation.is_object());
    CHECK(ids.insert(operation["operationId"].get<std::string>()).second);
    CHECK(operation["summary"] == route.summary);
    CHECK(operation["responses"].contains(std::to_string(route.success)));
    std::set<std::string> query;
    for (const auto& parameter : operation.value("parameters", Node::array())) {
      if (parameter.value("in", "") == "query") query.insert(parameter["name"].get<std::string>());
    }
    CHECK(query == names_of(route.query));
    std::set<std::string> body;
    if (!route.body.empty()) {
      for (const auto& [name, schema] : operation["requestBody"]["content"]["application/json"]["schema"]["properties"].items()) {
        body.insert(name);
        CHECK_FALSE(schema.value("description", "").empty());
      }
    }
    CHECK(body == names_of(route.body));
    if (route.access == Access::key) CHECK(operation["security"][0]["apiKey"].dump() == route.scopes.json());
    for (const auto code : route.errors) CHECK(operation["responses"].contains(std::to_string(info(code).status)));
  }
}

TEST_CASE("every operation of the API belongs to a group that is described") {
  std::set<std::string> described;
  for (const auto& tag : tags()) described.insert(tag["name"].get<std::string>());
  for (const auto& route : route_table() | std::views::join) CHECK_MESSAGE(described.contains(tag_of(route)), route.pattern);
}

TEST_CASE("every operation has a real answer as its example, but those that need a node of live") {
  const std::set<std::string_view> need_live = {"/v1/admin/reconciliation/challenges", "/v1/admin/reconciliation/unmatched"};
  for (const auto& route : route_table() | std::views::join)
    CHECK_MESSAGE(has_example(route) != need_live.contains(route.pattern), std::string(route.method), " ", route.pattern);
}

TEST_CASE("every error code is in the document, with its status and sentence") {
  const auto& code = whole()["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"];
  const auto sentences = code["description"].get<std::string>();
  CHECK(code["enum"].size() == public_codes().size());
  for (const auto each : public_codes()) {
    CAPTURE(info(each).name);
    CHECK(sentences.contains("`" + text_of(info(each).name) + "` (" + std::to_string(info(each).status) +
                             "): " + text_of(info(each).sentence)));
  }
}

TEST_CASE("every type of event is a webhook, with an event that happened as its example") {
  CHECK(whole()["webhooks"].size() == enum_names<EventType>.size());
  for (const auto name : enum_names<EventType>) {
    CAPTURE(name);
    const auto& example = whole()["webhooks"][text_of(name)]["post"]["requestBody"]["content"]["application/json"]["example"];
    CHECK(example["type"] == name);
    CHECK_FALSE(example.contains("sample"));
  }
}

TEST_CASE("the document is the same each time it is made") { CHECK(document("0.1.0", record_examples()) == whole()); }

}  // namespace lntpay::openapi::document_test
