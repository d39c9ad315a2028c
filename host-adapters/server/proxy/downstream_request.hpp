// One request of a gate proxy's client, and the response to it.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>
#include <string>
#include <vector>

#include "edge/contract/contract.hpp"
#include "host-adapters/server/http/connection.hpp"
#include "host-adapters/server/proxy/gate_proxy_options.hpp"
#include "host-adapters/server/proxy/upstream_pool.hpp"

namespace lntpay::host {

class DownstreamRequest {
 public:
  using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;
  using ResponseParser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;

  DownstreamRequest(Connection& client, const GateProxyOptions& options) : client_(client), options_(options) {}

  /// Reads the head. False: the client is gone. `refused` is the reason to refuse the request.
  boost::asio::awaitable<bool> read_head();
  [[nodiscard]] std::optional<Refusal> refused() const { return refused_; }

  /// As the gate sees it: without a body, and without fields that only the proxy sets.
  [[nodiscard]] const Request& request() const { return request_; }
  [[nodiscard]] Request& request() { return request_; }
  [[nodiscard]] bool is_head() const { return request_.method == "HEAD"; }
  [[nodiscard]] bool is_upgrade() const;
  [[nodiscard]] bool expects_continue() const;
  /// Of its body in bytes; nullopt: unknown, it is chunked.
  [[nodiscard]] std::optional<std::uint64_t> body_size() const;
  /// No part of its body is left to forward.
  [[nodiscard]] bool is_complete() const { return bodiless_ || parser_.is_done(); }
  [[nodiscard]] Parser& parser() { return parser_; }
  [[nodiscard]] Connection& client() { return client_; }

  /// The request passed: makes the head that the service gets, with the client's address. From now on a body that the passage keeps
  /// from the service does not count.
  [[nodiscard]] std::string pass(const Passage& passage);

  /// Its id, which is safe in a log: the client's response has it.
  void identify(std::string id) {
    id_ = std::move(id);
    add_to_response({"x-request-id", id_});
  }
  [[nodiscard]] const std::string& id() const { return id_; }  ///< empty: it has none

  /// The client's response has this line as well, in place of a service's.
  void add_to_response(Header line) { added_.push_back(std::move(line)); }
  /// The response is for every client: caches on the way may keep it as the service allows.
  void keep_cache_control() { for_every_client_ = true; }

  /// The connection takes no further request.
  void end_connection() { ends_ = true; }
  // Both return whether the connection can take another request. A request whose body was not read ends the connection.
  /// Writes a response of the proxy's own.
  boost::asio::awaitable<bool> respond(const Response& response);
  /// Writes the response whose head `response` has read from `service`, with these lines in place of the service's, and with the
  /// CORS lines where the service sent none.
  boost::asio::awaitable<bool> relay_response(UpstreamConnection& service, ResponseParser& response,
                                              const std::vector<Header>& lines, const std::vector<Header>& cors);

 private:
  [[nodiscard]] bool is_1_1() const;
  [[nodiscard]] bool closes() const;

  Connection& client_;
  const GateProxyOptions& options_;
  Parser parser_{};
  Request request_{};
  std::string id_{};
  std::optional<Refusal> refused_{};
  std::vector<Header> added_{};
  bool for_every_client_ = false;
  bool bodiless_ = false;
  bool ends_ = false;
};

}  // namespace lntpay::host
