// Accepts connections within caps, enforces their deadlines, and drains them. A handler serves them.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "host-adapters/server/http/connection.hpp"
#include "host-adapters/server/ops/log.hpp"

namespace lntpay::host {

/// Serves the connections of a listener. All calls are on the thread that runs the listener's `io`.
class ConnectionHandler {
 public:
  /// Serves the connection; it is closed when this ends.
  virtual boost::asio::awaitable<void> serve(Connection& connection) = 0;
  /// Refuses a connection beyond the caps; it is closed when this ends.
  virtual boost::asio::awaitable<void> turn_away(Connection& connection) = 0;
  /// A connection came beyond the caps.
  virtual void on_refused() {}
  /// The number of open connections has changed.
  virtual void on_count(std::size_t) {}
  /// Several times a second, after the deadlines were checked.
  virtual void on_sweep(Connection::Clock::time_point) {}

 protected:
  ~ConnectionHandler() = default;
};

struct ListenerOptions {
  std::size_t connections_max = 0;
  std::size_t connections_per_address_max = std::numeric_limits<std::size_t>::max();
  /// Connections beyond the caps that are refused with a response at one time; further ones are closed at once.
  std::size_t refusing_max = 64;
  /// Draining closes the connections that are in a phase up to this one.
  Connection::Phase drains_up_to = Connection::Phase::idle;
  ConnectionOptions connection{};
  /// The TLS of the next connection; null, or no function: none.
  std::function<std::shared_ptr<TlsContext>()> tls{};
  std::chrono::seconds handshake_time_max{10};
};

/// Lives on the thread that runs `io`, and must outlive its last run or have `ended`. A connection's coroutine ends no later than
/// `io`.
class Listener {
 public:
  using Tcp = boost::asio::ip::tcp;

  Listener(boost::asio::io_context& io, ConnectionHandler& handler, const Log& log, ListenerOptions options);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Takes the address; port 0 lets the system choose. Nothing can connect before `listen`. Both throw
  /// boost::system::system_error when the address is taken.
  static Tcp::acceptor bind(boost::asio::io_context& io, const Tcp::endpoint& address);
  void listen(Tcp::acceptor bound);
  /// Accepts no connection from now on, closes the idle ones, and lets the others end with their next response.
  void drain();
  [[nodiscard]] bool draining() const { return draining_; }
  /// Nothing runs any more after `drain`: the listener may be destroyed while `io` runs.
  [[nodiscard]] bool ended() const { return running_ == 0 && connections_.empty(); }
  /// Open connections within the caps.
  [[nodiscard]] std::size_t connections() const { return open_; }

 private:
  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> sweep();
  void admit(Tcp::socket socket);
  void serve(const std::shared_ptr<Connection>& connection);
  void turn_away(const std::shared_ptr<Connection>& connection);
  /// `serves`: by the handler's `serve`, else by its `turn_away`; after the handshake of TLS.
  boost::asio::awaitable<void> converse(Connection& connection, bool serves);

  boost::asio::io_context& io_;
  ConnectionHandler& handler_;
  const Log& log_;
  ListenerOptions options_;
  Tcp::acceptor acceptor_;
  boost::asio::steady_timer sweeping_;
  std::unordered_set<Connection*> connections_;  ///< also those that are turned away
  std::unordered_map<std::string, std::size_t> per_address_;
  std::size_t open_ = 0;
  std::size_t refusing_ = 0;
  int running_ = 0;  ///< of `accept` and `sweep`
  bool draining_ = false;
};

}  // namespace lntpay::host
