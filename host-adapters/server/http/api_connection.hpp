// The API on one connection: reads a request, submits it to the engine, writes the response, and repeats.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "host-adapters/server/http/connection.hpp"
#include "host-adapters/server/http/http_server.hpp"

namespace lntpay::host {

/// Pipelined requests are read one at a time.
class ApiConnection {
 public:
  using Clock = Connection::Clock;

  ApiConnection(HttpServer& server, Connection& connection) : server_(server), connection_(connection) {}

  /// Until the connection is to be closed.
  boost::asio::awaitable<void> serve();
  /// Responds `overloaded`.
  boost::asio::awaitable<void> turn_away();

  // While it waits for the engine.
  void answered(Outcome outcome);
  /// The peer has closed its sending side (`gone` false) or the whole connection.
  void hung_up(bool gone, Clock::time_point now);
  /// Cancels the request of a peer that closed its sending side too long ago.
  void check_patience(Clock::time_point now);
  /// Destroys the waiting coroutine, and this object with it: no outcome will come.
  void forget() { std::exchange(waiting_, nullptr); }
  [[nodiscard]] bool waits_since_before(Clock::time_point then) const { return waits_since_ < then; }
  [[nodiscard]] int descriptor() { return connection_.socket().native_handle(); }

 private:
  struct Parsed {
    Request request;
    bool keep_alive = false;
  };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using NoRequest = Connection::NoHead;

  boost::asio::awaitable<std::expected<Parsed, NoRequest>> read_request();
  boost::asio::awaitable<std::optional<NoRequest>> read_body(Parser& parser, bool expects_continue);
  boost::asio::awaitable<std::optional<Response>> answer(Input input);
  boost::asio::awaitable<bool> write(std::string bytes, std::string_view more = {});
  boost::asio::awaitable<bool> refuse(Refusal why);
  /// Keeps what the log needs of a request that is about to be moved away.
  void note(const Input& input);
  void record(const Response& response);

  HttpServer& server_;
  Connection& connection_;
  bool first_ = true;
  bool half_closed_ = false;
  Clock::time_point since_request_;  ///< its head was complete
  Clock::time_point waits_since_;
  Clock::time_point patience_ends_ = Clock::time_point::max();
  struct Noted {
    std::string method;
    std::string path;
    std::string shard;
  } noted_;
  Ticket ticket_ = 0;
  std::uint64_t number_ = 0;  ///< under which it waits for the engine
  std::function<void(std::optional<Response>)> waiting_;
};

}  // namespace lntpay::host
