// In the gateway's JSON keys and values are base64, 64-bit numbers are decimal text, and fields with default values are omitted.
#include "host-adapters/stores/etcd/etcd_json.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "core/base/bytes.hpp"
#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "host-adapters/stores/rules/key_span.hpp"
#include "host-adapters/stores/rules/store_limits.hpp"

namespace lntpay::host {
namespace {

using nlohmann::json;

std::string encoded(std::string_view text) { return base64(Base64::standard, bytes_of(text)); }

std::optional<std::string> decoded(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end()) return std::string();
  if (!member->is_string()) return std::nullopt;
  const auto bytes = base64_decode(Base64::standard, member->get_ref<const std::string&>());
  return bytes ? std::optional(std::string(text_of(*bytes))) : std::nullopt;
}

/// One of etcd's rows, its key without the prefix.
std::optional<Entry> row_of(const json& kv, std::size_t prefix_size) {
  const auto key = decoded(kv, "key");
  const auto value = decoded(kv, "value");
  const auto revision = kv.find("mod_revision");
  if (!key || !value || key->size() < prefix_size || revision == kv.end() || !revision->is_string()) return std::nullopt;
  const auto version = parse_integer<std::uint64_t>(revision->get_ref<const std::string&>());
  return version ? std::optional(Entry{key->substr(prefix_size), *value, *version}) : std::nullopt;
}

/// "-1", which no row has, for 0 (a key without a row) and for versions above 63 bits.
std::string revision_of(std::uint64_t version) {
  constexpr std::uint64_t revision_max = std::numeric_limits<std::int64_t>::max();
  return version == 0 || version > revision_max ? "-1" : std::to_string(version);
}

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// etcd's response: its JSON, or why there is none. `reached`: the call may have taken effect.
struct GatewayResponse {
  std::optional<json> body{};
  std::string why{};
  bool reached = false;
};

GatewayResponse response_of(const Reply& exchange) {
  const auto* answered = std::get_if<Answered>(&exchange);
  if (answered == nullptr) {
    if (const auto* reason = reason_unsent(exchange)) return {.why = "the call was not sent to etcd: " + *reason};
    if (const auto* broken = std::get_if<Broken>(&exchange))
      return {.why = "etcd's response was truncated: " + broken->reason, .reached = true};
    if (const auto* none = std::get_if<NoAnswer>(&exchange))
      return {.why = "etcd did not answer: " + none->reason, .reached = true};
    return {.why = "the call to etcd has no outcome", .reached = true};
  }
  constexpr int good = 200;
  // Statuses with which grpc-gateway rejects a call. After any other, such as a canceled call (408, 499), the outcome is uncertain.
  constexpr std::array refusals{400, 401, 403, 404, 409, 412, 413, 429};
  const auto& text = answered->response.body;
  auto body = json::parse(text.data(), text.data() + text.size(), nullptr, false);
  const int status = answered->response.status;
  const auto* header = body.is_object() ? member(body, "header") : nullptr;
  if (status == good && header != nullptr && header->is_object()) return {.body = std::move(body)};
  if (status == good) return {.why = "the response is not etcd's", .reached = true};
  const auto* message = body.is_object() ? member(body, "error") : nullptr;
  return {.why = "etcd answered " + std::to_string(status) +
                 (message != nullptr && message->is_string() ? ": " + message->get<std::string>() : std::string()),
          .reached = std::ranges::find(refusals, status) == refusals.end()};
}

Reply unreadable() { return Failed{"etcd's response is not that of a key-value store"}; }

}  // namespace

std::string EtcdSpace::coded(std::string_view key) const { return encoded(prefix_ + std::string(key)); }

EtcdCall EtcdSpace::call(const Get& asked) const {
  auto gets = json::array();
  for (const auto& key : asked.keys) gets.push_back({{"request_range", {{"key", coded(key)}}}});
  return {"/v3/kv/txn", json{{"success", std::move(gets)}}.dump()};
}

EtcdCall EtcdSpace::call(const Range& asked) const {
  auto inside = asked;
  inside.prefix = prefix_ + asked.prefix;
  if (!asked.after.empty()) inside.after = prefix_ + asked.after;
  const auto span = span_of(inside);
  // A prefix that is not empty always has an end. An empty span is requested like any other.
  return {"/v3/kv/range", json{{"key", encoded(span.first)},
                               {"range_end", encoded(span.end.value_or(std::string(1, '\0')))},
                               {"limit", std::to_string(asked.limit)},
                               {"sort_order", asked.reverse ? "DESCEND" : "ASCEND"},
                               {"sort_target", "KEY"}}
                              .dump()};
}

EtcdCall EtcdSpace::grant(std::uint64_t lease, std::uint64_t lifetime_s) {
  return {"/v3/lease/grant", json{{"ID", std::to_string(lease)}, {"TTL", std::to_string(lifetime_s)}}.dump()};
}

bool EtcdSpace::lacks_lease(const Reply& exchange) {
  const auto* answered = std::get_if<Answered>(&exchange);
  constexpr int not_found = 404;
  return answered != nullptr && answered->response.status == not_found && answered->response.body.contains("lease not found");
}

EtcdCall EtcdSpace::call(const Commit& asked, std::optional<std::uint64_t> lease) const {
  auto compares = json::array();
  for (const auto& [key, version] : asked.checks) {
    if (version) {
      compares.push_back({{"key", coded(key)}, {"target", "MOD"}, {"result", "EQUAL"}, {"mod_revision", revision_of(*version)}});
    } else {
      compares.push_back({{"key", coded(key)}, {"target", "VERSION"}, {"result", "EQUAL"}, {"version", "0"}});
    }
  }
  // A Txn writes a key only once: the last of several operations on a key counts.
  std::map<std::string_view, const Op*> last;
  for (const auto& op : asked.ops) last[key_of(op)] = &op;
  auto writes = json::array();
  for (const auto& [key, op] : last) {
    if (const auto* put = std::get_if<Put>(op)) {
      json row{{"key", coded(key)}, {"value", encoded(put->value)}};
      if (lease) row["lease"] = std::to_string(*lease);
      writes.push_back({{"request_put", std::move(row)}});
    } else {
      writes.push_back({{"request_delete_range", {{"key", coded(key)}}}});
    }
  }
  return {"/v3/kv/txn", json{{"compare", std::move(compares)}, {"success", std::move(writes)}}.dump()};
}

Reply EtcdSpace::reply(const Get& asked, const Reply& exchange) const {
  const auto response = response_of(exchange);
  if (!response.body) return Failed{response.why};
  if (asked.keys.empty()) return Entries{};
  const auto* responses = member(*response.body, "responses");
  if (responses == nullptr || !responses->is_array() || responses->size() != asked.keys.size()) return unreadable();
  Entries found;
  for (const auto& each : *responses) {
    const auto* range = each.is_object() ? member(each, "response_range") : nullptr;
    if (range == nullptr || !range->is_object()) return unreadable();
    const auto* rows = member(*range, "kvs");
    if (rows == nullptr) {
      found.entries.emplace_back(std::nullopt);
      continue;
    }
    auto row = rows->is_array() && rows->size() == 1 ? row_of(rows->front(), prefix_.size()) : std::nullopt;
    if (!row) return unreadable();
    found.entries.emplace_back(std::move(row));
  }
  return found;
}

Reply EtcdSpace::reply(const Range& /*asked*/, const Reply& exchange) const {
  const auto response = response_of(exchange);
  if (!response.body) return Failed{response.why};
  Scanned found;
  const auto* rows = member(*response.body, "kvs");
  if (rows == nullptr) return found;
  if (!rows->is_array()) return unreadable();
  for (const auto& kv : *rows) {
    auto row = row_of(kv, prefix_.size());
    if (!row) return unreadable();
    found.entries.push_back(std::move(*row));
  }
  return found;
}

Reply EtcdSpace::reply(const Commit& /*asked*/, const Reply& exchange) const {
  const auto response = response_of(exchange);
  if (!response.body && response.reached) return Unknown{response.why};
  if (!response.body) return Failed{response.why};
  const auto* succeeded = member(*response.body, "succeeded");
  if (succeeded != nullptr && succeeded->is_boolean() && succeeded->get<bool>()) return Committed{};
  return Conflict{};
}

}  // namespace lntpay::host
