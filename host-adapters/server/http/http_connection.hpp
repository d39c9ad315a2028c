// One connection: reads a request, has it answered, writes the answer, and again.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "host-adapters/server/http/http_server.hpp"

namespace lntpay::host {

/// Pipelined requests are read one at a time. Deadlines are points in time that the server's sweep compares with the clock, so
/// that a request costs no timer.
class HttpConnection {
 public:
  using Clock = std::chrono::steady_clock;

  HttpConnection(HttpServer& server, boost::asio::ip::tcp::socket socket, std::string client);

  /// Until the connection is closed.
  boost::asio::awaitable<void> serve();
  /// Answers `overloaded` and closes.
  boost::asio::awaitable<void> turn_away();

  /// The engine's answer to the request that waits for it.
  void answered(Outcome outcome);
  /// Ends what it waits for when its deadline has passed.
  void check_deadline(Clock::time_point now);
  /// Closes it when it is between requests.
  void close_if_idle();
  /// The peer has closed its sending side (`gone` false) or the whole connection.
  void hung_up(bool gone, Clock::time_point now);
  /// Ends it where it stands: nothing will answer any more.
  void forget() { std::exchange(waiting_, nullptr); }
  /// Waiting for the engine since before `then`: worth a look whether the client is still there.
  [[nodiscard]] bool waits_since_before(Clock::time_point then) const { return phase_ == Phase::answer && since_ < then; }
  [[nodiscard]] const std::string& client() const { return client_; }
  [[nodiscard]] int descriptor() { return socket_.native_handle(); }

 private:
  enum class Phase : std::uint8_t { idle, head, body, answer, write, linger };
  struct Closed {};  ///< by the peer, or it is time to
  template <class T>
  using Read = std::expected<T, std::variant<Refusal, Closed>>;
  struct Parsed {
    Request request;
    bool keep_alive = false;
  };

  boost::asio::awaitable<void> serve_requests();
  boost::asio::awaitable<Read<std::size_t>> read_account();
  boost::asio::awaitable<Read<Parsed>> read_request();
  boost::asio::awaitable<bool> read_more();
  boost::asio::awaitable<std::optional<Response>> answer(Input input);
  boost::asio::awaitable<bool> write(std::string bytes);
  boost::asio::awaitable<bool> refuse(Refusal why);
  boost::asio::awaitable<void> linger();
  void enter(Phase phase, std::optional<std::chrono::milliseconds> time);
  /// Keeps what the log will say of a request that is about to be given away.
  void note(const Input& input);
  void record(const Response& response);

  HttpServer& server_;
  boost::asio::ip::tcp::socket socket_;
  std::string client_;
  std::string received_;
  Phase phase_ = Phase::idle;
  Clock::time_point since_;          ///< in this phase
  Clock::time_point since_request_;  ///< since the head of the request was whole
  Clock::time_point deadline_ = Clock::time_point::max();
  bool timed_out_ = false;
  bool first_ = true;
  bool half_closed_ = false;
  struct Noted {
    std::string method;
    std::string path;
    std::string shard;
  } noted_;
  Ticket ticket_ = 0;
  std::uint64_t number_ = 0;  ///< of the answer that it waits for
  std::function<void(std::optional<Response>)> waiting_;
};

}  // namespace lntpay::host
