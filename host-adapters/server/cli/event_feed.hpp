// The events of a workspace as they happen: a long poll of GET /v1/events that outlives restarts of the server.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host-adapters/server/cli/api_client.hpp"
#include "host-adapters/server/cli/command.hpp"

namespace lntpay::host {

struct FeedEvent {
  std::uint64_t seq = 0;
  std::string id;
  std::string type;
  std::string object_id;  ///< of the object that it is about; empty: none
  std::string text;       ///< its JSON as received: the body of its webhooks
};

/// nullopt: not an event.
std::optional<FeedEvent> event_in(std::string text);
/// The events of a list, each with its own bytes. nullopt: not a list of events.
std::optional<std::vector<FeedEvent>> events_in(const std::string& list);

/// The types that a pattern names: `*`, `charge.*` or a type. Empty: none.
std::vector<std::string> types_matching(std::string_view pattern);

class EventFeed {
 public:
  /// `types` empty: all.
  EventFeed(ApiClient client, const std::vector<std::string>& types);

  /// Starts after this event; nullopt: after the newest one. Returns an exit code other than `good` when the API refuses, or cannot
  /// be reached.
  Exit start(std::optional<std::uint64_t> after);
  [[nodiscard]] std::uint64_t after() const { return after_; }
  /// Waits for the next events. Retries until the API answers; the exit code is that of its refusal.
  std::expected<std::vector<FeedEvent>, Exit> next();

 private:
  std::expected<ApiAnswer, Exit> call(const std::string& path);
  std::expected<void, Exit> notice_reset();

  ApiClient client_;
  std::string types_;  ///< of the query
  std::uint64_t after_ = 0;
  std::uint64_t seen_ = 0;  ///< the seq of an event that existed: a newest one before it means that the events were reset
};

}  // namespace lntpay::host
