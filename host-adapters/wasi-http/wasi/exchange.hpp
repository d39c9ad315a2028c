// One HTTP exchange over wasi:http.
//
//   Exchange exchange(call);
//   while (!(reply = exchange.advance())) wait for a pollable of `add_pollables`, or for exchange.deadline();
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host-adapters/wasi-http/effect_exchanges.hpp"
#include "host-adapters/wasi-http/wasi/wasi.hpp"

namespace lntpay::wasi_http {

class Exchange {
 public:
  /// Starts the exchange. Nothing is retried, and no redirect followed.
  explicit Exchange(HttpCall call);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() = default;

  /// Advances without waiting. Returns the reply once: Broken or NoAnswer after the deadline.
  std::optional<Reply> advance();

  /// The pollables to wait for after `advance` returned no reply.
  void add_pollables(std::vector<wasi_io_poll_borrow_pollable_t>& any) const;
  [[nodiscard]] Uptime deadline() const { return deadline_; }

 private:
  using Future = Resource<wasi_http_types_own_future_incoming_response_t, wasi_http_types_future_incoming_response_drop_own>;
  using Incoming = Resource<wasi_http_types_own_incoming_response_t, wasi_http_types_incoming_response_drop_own>;

  void send(OutgoingBody body, wasi_http_types_own_outgoing_request_t request);
  void write();
  void await_head();
  void read();
  void keep(std::string bytes);
  void end(std::string broken);

  HttpCall call_;
  Uptime deadline_;
  std::string_view unsent_;
  std::optional<Reply> reply_;
  Response response_;  ///< so far
  bool has_head_ = false;
  std::uint32_t lines_ = 0;

  Future future_;
  Incoming incoming_;
  IncomingBody incoming_body_;
  InputStream in_;
  OutgoingBody outgoing_body_;
  OutputStream out_;
  Pollable can_write_;
  Pollable can_read_;
};

}  // namespace lntpay::wasi_http
