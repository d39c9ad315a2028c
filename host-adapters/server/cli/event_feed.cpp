// Polling, and the bytes of each event.
#include "host-adapters/server/cli/event_feed.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "core/event/event.hpp"
#include "host-adapters/server/cli/output.hpp"

namespace lntpay::host {
namespace {

constexpr std::chrono::seconds pause_min{1};
constexpr std::chrono::seconds pause_max{15};

/// The objects of the first array in a valid JSON text.
std::vector<std::string_view> objects_in(std::string_view json) {
  std::vector<std::string_view> objects;
  std::size_t begin = 0;
  int depth = 0;
  bool is_text = false;
  for (auto at = json.find('['); at < json.size(); ++at) {
    const char c = json[at];
    if (is_text) {
      if (c == '\\') ++at;
      if (c == '"') is_text = false;
    } else if (c == '"') {
      is_text = true;
    } else if (c == '{' || c == '[') {
      if (++depth == 2) begin = at;
    } else if (c == '}' || c == ']') {
      if (--depth == 1) objects.push_back(json.substr(begin, at + 1 - begin));
      if (depth == 0) break;
    }
  }
  return objects;
}

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool is_transient(const std::expected<ApiAnswer, std::string>& answer) {
  return !answer || answer->status >= 500 || answer->status == 429;
}

}  // namespace

std::optional<FeedEvent> event_in(std::string text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  FeedEvent event{
      .seq = number_of(json, "seq"), .id = text_of(json, "id"), .type = text_of(json, "type"), .object_id = {}, .text = {}};
  if (event.seq == 0 || event.id.empty() || event.type.empty()) return std::nullopt;
  if (const auto data = json.find("data"); data != json.end() && data->is_object()) event.object_id = text_of(*data, "id");
  event.text = std::move(text);
  return event;
}

std::optional<std::vector<FeedEvent>> events_in(const std::string& list) {
  const auto json = nlohmann::json::parse(list, nullptr, false);
  if (!json.is_object() || !json.contains("data") || !json["data"].is_array()) return std::nullopt;
  std::vector<FeedEvent> events;
  for (const auto text : objects_in(list)) {
    auto event = event_in(std::string(text));
    if (!event) return std::nullopt;
    events.push_back(std::move(*event));
  }
  return events;
}

std::vector<std::string> types_matching(std::string_view pattern) {
  std::vector<std::string> types;
  const bool is_prefix = pattern == "*" || pattern.ends_with(".*");
  if (is_prefix) pattern.remove_suffix(1);
  for (const auto name : enum_names<EventType>) {
    if (is_prefix ? name.starts_with(pattern) : name == pattern) types.emplace_back(name);
  }
  return types;
}

EventFeed::EventFeed(ApiClient client, const std::vector<std::string>& types) : client_(std::move(client)) {
  for (const auto& type : types) types_.append(types_.empty() ? "&types=" : ",").append(type);
}

Exit EventFeed::start(std::optional<std::uint64_t> after) {
  const auto newest = client_.call("GET", "/events?order=desc&limit=1");
  if (!newest || newest->status != 200) return show(newest, {});
  const auto events = events_in(newest->text);
  if (!events) return fails(Exit::failed, "the API's response is no list of events. Check LNTPAY_BASE_URL");
  seen_ = events->empty() ? number_of(newest->body, "next_before_seq") : events->front().seq;
  after_ = seen_;
  if (after) after_ = *after;
  return Exit::good;
}

std::expected<ApiAnswer, Exit> EventFeed::call(const std::string& path) {
  bool is_interrupted = false;
  for (auto pause = pause_min;; pause = std::min(pause * 2, pause_max)) {
    const auto answer = client_.call("GET", path);
    if (!is_transient(answer)) {
      if (is_interrupted) std::fputs("lntpay: the API answers again\n", stderr);
      if (answer->status == 200) return *answer;
      return std::unexpected(show(answer, {}));
    }
    if (!std::exchange(is_interrupted, true)) {
      const auto why = answer ? "the API answered " + std::to_string(answer->status) : answer.error();
      std::fprintf(stderr, "lntpay: %s. Trying again\n", why.c_str());
    }
    std::this_thread::sleep_for(pause);
  }
}

std::expected<void, Exit> EventFeed::notice_reset() {
  const auto answer = call("/events?order=desc&limit=1");
  if (!answer) return std::unexpected(answer.error());
  const auto events = events_in(answer->text);
  // Many events that this key cannot read may hide those that it can.
  if (!events || (events->empty() && answer->body.value("has_more", false))) return {};
  const auto newest = events->empty() ? 0 : events->front().seq;
  if (newest >= seen_) return {};
  std::fputs("lntpay: the workspace's events were reset: following from the first\n", stderr);
  after_ = 0;
  seen_ = 0;
  return {};
}

std::expected<std::vector<FeedEvent>, Exit> EventFeed::next() {
  for (;;) {
    const auto answer = call("/events?limit=100&wait=25&after_seq=" + std::to_string(after_) + types_);
    if (!answer) return std::unexpected(answer.error());
    auto events = events_in(answer->text);
    if (!events) return std::unexpected(fails(Exit::failed, "the API's response is no list of events. Check LNTPAY_BASE_URL"));
    after_ = std::max(after_, number_of(answer->body, "next_after_seq"));
    if (!events->empty()) {
      after_ = std::max(after_, events->back().seq);
      seen_ = std::max(seen_, events->back().seq);
      return std::move(*events);
    }
    if (const auto noticed = notice_reset(); !noticed) return std::unexpected(noticed.error());
  }
}

}  // namespace lntpay::host
