// Reading the configuration: every field is read by name; unread fields are an error.
#include "edge/engine/config.hpp"

#include <algorithm>
#include <set>

#include "core/base/encoding.hpp"
#include "core/base/json_reader.hpp"

namespace lntpay {
namespace {

/// One object of the configuration, and which of its members were read. Keeps the first error.
class Section {
 public:
  Section(const Json& object, std::string path, std::string& error) : object_(object), path_(std::move(path)), error_(error) {
    if (object.kind != Json::Kind::object) refuse("", "must be an object");
  }

  const Json* take(std::string_view name, Json::Kind kind, std::string_view expected) {
    taken_.insert(name);
    const auto* value = object_.find(name);
    if (value == nullptr) {
      refuse(name, "is missing");
    } else if (value->kind != kind) {
      refuse(name, expected);
      value = nullptr;
    }
    return value;
  }
  std::string text(std::string_view name) {
    const auto* value = take(name, Json::Kind::text, "must be a string");
    return value != nullptr ? value->text : std::string{};
  }
  /// Empty: it is not there.
  std::string optional_text(std::string_view name) { return object_.find(name) != nullptr ? text(name) : std::string{}; }
  bool flag(std::string_view name) {
    const auto* value = take(name, Json::Kind::boolean, "must be true or false");
    return value != nullptr && value->flag;
  }
  std::uint32_t number(std::string_view name, std::uint32_t max, std::uint32_t min = 1) {
    const auto* value = take(name, Json::Kind::number, "must be a number");
    const auto whole = value != nullptr ? value->whole() : std::nullopt;
    if (value != nullptr && (!whole || *whole < min || *whole > max))
      refuse(name, "must be from " + std::to_string(min) + " to " + std::to_string(max));
    return whole ? static_cast<std::uint32_t>(*whole) : 0;
  }
  Bytes32 key(std::string_view name) {
    const auto bytes = hex_decode32(text(name));
    if (!bytes && error_.empty()) refuse(name, "must be 64 lower-case hex digits");
    return bytes.value_or(Bytes32{});
  }
  /// The objects of an array.
  template <class Each>
  void each(std::string_view name, Each visit) {
    const auto* value = take(name, Json::Kind::array, "must be an array");
    if (value == nullptr) return;
    for (std::size_t i = 0; i < value->items.size(); ++i) {
      Section section(value->items[i], path_ + std::string(name) + "[" + std::to_string(i) + "].", error_);
      visit(section);
      section.finish();
    }
  }
  void finish() {
    for (const auto& member : object_.members) {
      if (!taken_.contains(member.name)) refuse(member.name, "is not known");
    }
  }
  void refuse(std::string_view name, std::string_view why) {
    if (error_.empty()) error_ = path_ + std::string(name) + " " + std::string(why);
  }
  Section inner(std::string_view name) {
    static const Json empty{.kind = Json::Kind::object};
    const auto* value = take(name, Json::Kind::object, "must be an object");
    return {value != nullptr ? *value : empty, path_ + std::string(name) + ".", error_};
  }

 private:
  const Json& object_;
  std::string path_;
  std::string& error_;
  std::set<std::string_view> taken_;
};

void read_egress(Section section, Egress& egress) {
  const auto mode = section.text("mode");
  if (mode == "guarded") {
    egress.mode = EgressMode::guarded;
  } else if (mode == "platform") {
    egress.mode = EgressMode::platform;
  } else if (mode == "allowlist") {
    egress.mode = EgressMode::allowlist;
    if (const auto* list = section.take("allow", Json::Kind::array, "must be an array of host names")) {
      for (const auto& host : list->items) {
        if (std::ranges::any_of(host.text, [](char c) { return c >= 'A' && c <= 'Z'; }))
          section.refuse("allow", "takes lower-case host names");
        egress.allow.push_back(host.text);
      }
    }
  } else {
    section.refuse("mode", "must be guarded, platform or allowlist");
  }
  egress.allow_loopback = section.flag("allow_loopback");
  section.finish();
}

}  // namespace

std::expected<Settings, std::string> read_config(std::string_view json) {
  const auto read = read_json(json);
  if (!read) return std::unexpected(read.error().message);
  std::string error;
  Section section(*read, "", error);
  Settings settings;
  settings.base_url = section.text("base_url");
  if (settings.base_url.ends_with('/')) section.refuse("base_url", "must not end with a slash");
  settings.live_network = section.text("live_network");
  settings.live_node = section.flag("live_node");
  settings.send_once = section.flag("send_once");
  section.each("pepper", [&settings](Section& each) {
    settings.peppers.push_back({each.text("id"), Secret::copy_of(ByteView(each.key("key")))});
  });
  if (settings.peppers.empty()) section.refuse("pepper", "needs at least one key");
  section.each("seal", [&settings](Section& each) {
    settings.seal.emplace_back(each.text("id"), each.key("key"));
    // The id is part of sealed texts (id.text) and those of lists in rows (a,b).
    if (settings.seal.back().id.find_first_of(".,|") != std::string::npos) each.refuse("id", "must not contain . , |");
  });
  if (settings.seal.empty()) section.refuse("seal", "needs at least one key");
  settings.cursor_key = Secret::copy_of(ByteView(section.key("cursor_key")));
  settings.gate_key = Secret::copy_of(ByteView(section.key("gate_key")));
  settings.operator_hmac = section.key("operator_hmac");
  auto limits = section.inner("limits");
  settings.rate = {limits.number("rate_quota", RateLimit::quota_max), limits.number("rate_window_s", RateLimit::window_s_max)};
  settings.challenges_per_client = {limits.number("challenges_per_client", RateLimit::quota_max), challenge_expires_in_s};
  settings.challenges_per_gate = {limits.number("challenges_per_gate", RateLimit::quota_max), challenge_expires_in_s};
  limits.finish();
  settings.process = section.optional_text("process");
  settings.keep_events = days(section.number("keep_events_days", keep_events_days_max, 0));
  read_egress(section.inner("egress"), settings.egress);
  section.finish();
  if (!error.empty()) return std::unexpected(error);
  return settings;
}

}  // namespace lntpay
