// The contract of wit/edge.wit in C++, for hosts that link the engine and for the exports that wrap it. The conversions between
// these types and the WIT's are generated: wit/README.md.
#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/storage/effect.hpp"

namespace lntpay {

struct Request {
  std::string method;
  std::string target;
  std::vector<Header> headers;
  std::string body;
  std::string client;
};

/// In the order of the WIT.
enum class Refusal : std::uint8_t {
  malformed,
  not_utf8,
  timed_out,
  body_too_large,
  target_too_long,
  headers_too_large,
  coding,
  overloaded,
  storage_down,
  engine_lost,
};

struct ProtectedResponse {
  std::string redemption;
  std::uint16_t status = 0;
  std::string location;
  std::string price;
};

namespace input {
struct Http {
  Request request;
};
struct Gate {
  Request request;
};
struct Redeemed {
  ProtectedResponse response;
};
struct Refused {
  Refusal why{};
};
struct Wake {
  std::string shard;
};
struct Task {
  std::string key;
};
struct NodeEvents {
  std::vector<std::string> lines;
};
struct NodeStreamClosed {};
}  // namespace input

using Input = std::variant<input::Http, input::Gate, input::Redeemed, input::Refused, input::Wake, input::Task, input::NodeEvents,
                           input::NodeStreamClosed>;

/// A request to begin `wake` for the shard at that time.
struct WakeAt {
  std::string shard;
  UnixMillis at;
  bool operator==(const WakeAt&) const = default;
};

struct Passage {
  std::string redemption;
  std::vector<std::string> remove;
  std::vector<Header> add;
  bool bodiless = false;
  std::vector<Header> respond;
  std::vector<Header> cors;
  std::uint32_t good_for_ms = 0;
};

struct Outcome {
  std::optional<Response> response;
  std::optional<Passage> pass;
  std::vector<std::string> tasks;
  std::vector<WakeAt> wake;
  std::optional<Outgoing> subscribe;
  std::vector<std::string> log;  ///< for the operator; contains no secrets
};

struct Ask {
  std::uint64_t session = 0;
  std::vector<Effect> effects;
};

using Step = std::variant<Outcome, Ask>;

struct Settings;

/// One engine instance. Not thread-safe: one thread at a time, like a wasm store.
class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// JSON, documented in docs/configuration.md. The error names the field.
  std::expected<void, std::string> configure(std::string_view config);
  /// For hosts that link the engine. The caller has checked: pepper and seal key are set, `base_url` does not end in a slash,
  /// limits are 1 or more.
  void configure(Settings settings);
  /// The shard of the input; pure.
  [[nodiscard]] std::string place(const Input& input) const;
  /// The egress rules; pure. The error names the rule that refuses.
  [[nodiscard]] std::expected<void, std::string> may_connect(std::string_view url, std::span<const std::string> addresses) const;

  Step begin(const Moment& at, Input input);
  Step resume(std::uint64_t session, const Moment& at, std::vector<Reply> replies);
  void abandon(std::uint64_t session);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lntpay
