// Field by field, in the order of wit/edge.wit.
#include "edge/component/json/contract_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/base/overload.hpp"

namespace lntpay::component {
namespace {

using nlohmann::json;

constexpr auto refusals =
    std::to_array<std::string_view>({"malformed", "not-utf8", "timed-out", "body-too-large", "target-too-long", "headers-too-large",
                                     "coding", "overloaded", "storage-down", "engine-lost"});

// ---- in ----

const std::string& text(const json& from) { return from.get_ref<const std::string&>(); }

std::uint64_t number(const json& from) { return number_from(text(from)); }

template <class To, class Each>
std::vector<To> list(const json& from, Each each) {
  std::vector<To> to;
  to.reserve(from.size());
  for (const auto& item : from) to.push_back(each(item));
  return to;
}

std::vector<std::string> texts(const json& from) { return list<std::string>(from, text); }
Header header(const json& from) { return {text(from.at(0)), text(from.at(1))}; }

Request request(const json& from) {
  return {.method = text(from.at("method")),
          .target = text(from.at("target")),
          .headers = list<Header>(from.at("headers"), header),
          .body = text(from.at("body")),
          .client = text(from.at("client"))};
}

Response response(const json& from) {
  return {.status = from.at("status").get<std::uint16_t>(),
          .headers = list<Header>(from.at("headers"), header),
          .body = text(from.at("body"))};
}

Entry entry(const json& from) { return {text(from.at("key")), text(from.at("value")), number(from.at("version"))}; }
std::optional<Entry> maybe_entry(const json& from) { return from.is_null() ? std::nullopt : std::optional(entry(from)); }

Reply reply(const json& from) {
  const auto& tag = text(from.at("tag"));
  const auto& val = from.contains("val") ? from.at("val") : from;
  if (tag == "entries") return Entries{list<std::optional<Entry>>(val, maybe_entry)};
  if (tag == "scanned") return Scanned{list<Entry>(val, entry)};
  if (tag == "committed") return Committed{};
  if (tag == "conflict") return Conflict{};
  if (tag == "unknown") return Unknown{text(val)};
  if (tag == "failed") return Failed{text(val)};
  if (tag == "answered") return Answered{response(val)};
  if (tag == "broken") return Broken{response(val.at(0)), text(val.at(1))};
  if (tag == "not-sent") return NotSent{text(val)};
  if (tag == "no-answer") return NoAnswer{text(val)};
  if (tag == "woken") return Woken{};
  __builtin_trap();
}

// ---- out ----

json pairs(const std::vector<Header>& headers) {
  auto to = json::array();
  for (const auto& [name, value] : headers) to.push_back(json::array({name, value}));
  return to;
}

json object(const Response& from) { return {{"status", from.status}, {"headers", pairs(from.headers)}, {"body", from.body}}; }

json checks(const std::vector<Check>& from) {
  auto to = json::array();
  for (const auto& [key, version] : from) {
    to.push_back({{"key", key}});
    if (version) to.back()["version"] = std::to_string(*version);
  }
  return to;
}

json object(const Outgoing& from) {
  return {{"upstream", from.upstream},   {"method", from.method},        {"target", from.target}, {"headers", pairs(from.headers)},
          {"body", from.body},           {"timeoutMs", from.timeout_ms}, {"lines", from.lines},   {"once", from.once},
          {"bodyLimit", from.body_limit}};
}

json variant(const char* tag, json val) { return {{"tag", tag}, {"val", std::move(val)}}; }

json object(const Op& from) {
  return std::visit(Overload{[](const Put& put) { return variant("put", json::array({put.key, put.value})); },
                             [](const Delete& erased) { return variant("delete", erased.key); }},
                    from);
}

json object(const Effect& from) {
  return std::visit(
      Overload{
          [](const Get& get) { return variant("get", get.keys); },
          [](const Range& range) {
            return variant("scan",
                           {{"prefix", range.prefix}, {"after", range.after}, {"limit", range.limit}, {"reverse", range.reverse}});
          },
          [](const Commit& commit) {
            auto ops = json::array();
            for (const auto& op : commit.ops) ops.push_back(object(op));
            return variant("commit", {{"checks", checks(commit.checks)}, {"ops", std::move(ops)}});
          },
          [](const Outgoing& outgoing) { return variant("fetch", object(outgoing)); },
          [](const WaitFor& wait) {
            return variant("wait", {{"seen", checks(wait.seen)}, {"untilMs", std::to_string(wait.until.value)}});
          },
      },
      from);
}

json object(const Outcome& from) {
  json to{{"tasks", from.tasks}, {"log", from.log}, {"wake", json::array()}};
  for (const auto& [shard, at] : from.wake) to["wake"].push_back(json::array({shard, std::to_string(at.value)}));
  if (from.response) to["response"] = object(*from.response);
  if (from.pass) to["pass"] = *from.pass;
  if (from.subscribe) to["subscribe"] = object(*from.subscribe);
  return to;
}

}  // namespace

std::uint64_t number_from(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) __builtin_trap();
  return value;
}

Moment moment_from(const json& from) {
  Moment at{.now = {number(from.at("nowMs"))}};
  for (std::size_t i = 0; i < at.entropy.size(); ++i) at.entropy[i] = number(from.at("entropy").at(i));
  return at;
}

Input input_from(const json& from) {
  const auto& tag = text(from.at("tag"));
  const auto& val = from.contains("val") ? from.at("val") : from;
  if (tag == "http") return input::Http{request(val)};
  if (tag == "gate") return input::Gate{request(val)};
  if (tag == "redeemed") return input::Redeemed{text(val.at(0)), val.at(1).get<bool>()};
  if (tag == "refused") {
    const auto why = std::ranges::find(refusals, std::string_view(text(val)));
    if (why == refusals.end()) __builtin_trap();
    return input::Refused{static_cast<Refusal>(why - refusals.begin())};
  }
  if (tag == "wake") return input::Wake{text(val)};
  if (tag == "task") return input::Task{text(val)};
  if (tag == "node-events") return input::NodeEvents{texts(val)};
  if (tag == "node-stream-closed") return input::NodeStreamClosed{};
  __builtin_trap();
}

std::vector<Reply> replies_from(const json& from) { return list<Reply>(from, reply); }

std::string text_of(const Step& step) {
  const auto to = std::visit(Overload{[](const Outcome& outcome) { return variant("done", object(outcome)); },
                                      [](const Ask& ask) {
                                        auto effects = json::array();
                                        for (const auto& effect : ask.effects) effects.push_back(object(effect));
                                        return variant("ask", json::array({std::to_string(ask.session), std::move(effects)}));
                                      }},
                             step);
  return to.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace lntpay::component
