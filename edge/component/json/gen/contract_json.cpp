// The types of wit/edge.wit from and to JSON.
// Generated from wit/edge.wit by wit/glue/generate.mjs; do not edit.
#include "core/base/overload.hpp"
#include "edge/component/json/contract_json.hpp"
#include "edge/component/json/json_values.hpp"

namespace lntpay::component {
namespace {

using namespace json_values;

Header header_from(const json& from) {
  return {text(from.at(0)), text(from.at(1))};
}

Request request_from(const json& from) {
  return {
      .method = text(from.at("method")),
      .target = text(from.at("target")),
      .headers = list<header_from>(from.at("headers")),
      .body = text(from.at("body")),
      .client = text(from.at("client")),
  };
}

Response response_from(const json& from) {
  return {
      .status = scalar<std::uint16_t>(from.at("status")),
      .headers = list<header_from>(from.at("headers")),
      .body = text(from.at("body")),
  };
}

Refusal refusal_from(const json& from) {
  static constexpr auto names = std::to_array<std::string_view>({
      "malformed",
      "not-utf8",
      "timed-out",
      "body-too-large",
      "target-too-long",
      "headers-too-large",
      "coding",
      "overloaded",
      "storage-down",
      "engine-lost",
  });
  return static_cast<Refusal>(index_in(names, text(from)));
}

ProtectedResponse protected_response_from(const json& from) {
  return {
      .redemption = text(from.at("redemption")),
      .status = scalar<std::uint16_t>(from.at("status")),
      .location = text(from.at("location")),
      .price = text(from.at("price")),
  };
}

Entry entry_from(const json& from) {
  return {
      .key = text(from.at("key")),
      .value = text(from.at("value")),
      .version = number(from.at("version")),
  };
}

json header_json(const Header& from) {
  return json::array({from.name, from.value});
}

json response_json(const Response& from) {
  return json::object({
      {"status", from.status},
      {"headers", array_of<header_json>(from.headers)},
      {"body", from.body},
  });
}

json range_json(const Range& from) {
  return json::object({
      {"prefix", from.prefix},
      {"after", from.after},
      {"limit", from.limit},
      {"reverse", from.reverse},
  });
}

json check_json(const Check& from) {
  auto to = json::object({
      {"key", from.key},
  });
  if (from.version) to["version"] = std::to_string(*from.version);
  return to;
}

json op_json(const Op& from) {
  return std::visit(
      Overload{
          [](const Put& chosen) {
            const auto& [f0, f1] = chosen;
            return variant("put", json::array({f0, f1}));
          },
          [](const Delete& chosen) {
            const auto& [f0] = chosen;
            return variant("delete", f0);
          },
      },
      from);
}

json commit_json(const Commit& from) {
  return json::object({
      {"checks", array_of<check_json>(from.checks)},
      {"ops", array_of<op_json>(from.ops)},
  });
}

json outgoing_json(const Outgoing& from) {
  return json::object({
      {"upstream", from.upstream},
      {"method", from.method},
      {"target", from.target},
      {"headers", array_of<header_json>(from.headers)},
      {"body", from.body},
      {"timeoutMs", from.timeout_ms},
      {"lines", from.lines},
      {"once", from.once},
      {"bodyLimit", from.body_limit},
      {"workspace", from.workspace},
  });
}

json wait_json(const WaitFor& from) {
  return json::object({
      {"seen", array_of<check_json>(from.seen)},
      {"untilMs", std::to_string(from.until.value)},
  });
}

json effect_json(const Effect& from) {
  return std::visit(
      Overload{
          [](const Get& chosen) {
            const auto& [f0] = chosen;
            return variant("get", f0);
          },
          [](const Range& chosen) { return variant("scan", range_json(chosen)); },
          [](const Commit& chosen) { return variant("commit", commit_json(chosen)); },
          [](const Outgoing& chosen) { return variant("fetch", outgoing_json(chosen)); },
          [](const WaitFor& chosen) { return variant("wait", wait_json(chosen)); },
      },
      from);
}

json passage_json(const Passage& from) {
  return json::object({
      {"redemption", from.redemption},
      {"remove", from.remove},
      {"add", array_of<header_json>(from.add)},
      {"bodiless", from.bodiless},
      {"respond", array_of<header_json>(from.respond)},
      {"cors", array_of<header_json>(from.cors)},
      {"goodForMs", from.good_for_ms},
  });
}

json wake_at_json(const WakeAt& from) {
  return json::array({from.shard, std::to_string(from.at.value)});
}

json outcome_json(const Outcome& from) {
  auto to = json::object({
      {"tasks", from.tasks},
      {"wake", array_of<wake_at_json>(from.wake)},
      {"log", from.log},
  });
  if (from.response) to["response"] = response_json(*from.response);
  if (from.pass) to["pass"] = passage_json(*from.pass);
  if (from.subscribe) to["subscribe"] = outgoing_json(*from.subscribe);
  return to;
}

}  // namespace

Moment moment_from(const json& from) {
  return {
      .now = UnixMillis{number(from.at("nowMs"))},
      .entropy = {
          number(from.at("entropy").at(0)),
          number(from.at("entropy").at(1)),
          number(from.at("entropy").at(2)),
          number(from.at("entropy").at(3)),
      },
  };
}

Input input_from(const json& from) {
  const auto& tag = text(from.at("tag"));
  const auto& val = payload(from);
  if (tag == "http") return input::Http{request_from(val)};
  if (tag == "gate") return input::Gate{request_from(val)};
  if (tag == "redeemed") return input::Redeemed{protected_response_from(val)};
  if (tag == "refused") return input::Refused{refusal_from(val)};
  if (tag == "wake") return input::Wake{text(val)};
  if (tag == "task") return input::Task{text(val)};
  if (tag == "node-events") return input::NodeEvents{list<text>(val)};
  if (tag == "node-stream-closed") return input::NodeStreamClosed{};
  __builtin_trap();
}

Reply reply_from(const json& from) {
  const auto& tag = text(from.at("tag"));
  const auto& val = payload(from);
  if (tag == "entries") return Entries{list<option<entry_from>>(val)};
  if (tag == "scanned") return Scanned{list<entry_from>(val)};
  if (tag == "committed") return Committed{};
  if (tag == "conflict") return Conflict{};
  if (tag == "unknown") return Unknown{text(val)};
  if (tag == "failed") return Failed{text(val)};
  if (tag == "answered") return Answered{response_from(val)};
  if (tag == "broken") return Broken{response_from(val.at(0)), text(val.at(1))};
  if (tag == "not-sent") return NotSent{text(val)};
  if (tag == "no-answer") return NoAnswer{text(val)};
  if (tag == "woken") return Woken{};
  if (tag == "not-tried") return NotTried{text(val)};
  __builtin_trap();
}

json step_json(const Step& from) {
  return std::visit(
      Overload{
          [](const Outcome& chosen) { return variant("done", outcome_json(chosen)); },
          [](const Ask& chosen) {
            const auto& [f0, f1] = chosen;
            return variant("ask", json::array({std::to_string(f0), array_of<effect_json>(f1)}));
          },
      },
      from);
}

}  // namespace lntpay::component
