// Sends the head, relays the body, reads the response's head.
#include "host-adapters/server/proxy/upstream_exchange.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/read.hpp>
#include <exception>

#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/proxy/relay.hpp"

namespace lntpay::host {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr int interim_responses_max = 100;  ///< a service that sends 1xx forever has failed

}  // namespace

asio::awaitable<UpstreamResult> UpstreamExchange::forward(const std::string& head, std::chrono::steady_clock::time_point deadline) {
  const bool may_repeat = downstream_.is_complete() && (downstream_.request().method == "GET" || downstream_.is_head());
  if (may_repeat) connection_ = pool_.take_idle();
  if (connection_) {
    const auto result = co_await attempt(head, deadline);
    if (result != UpstreamResult::closed) co_return result;
  }
  connection_ = co_await pool_.connect();
  co_return connection_ ? co_await attempt(head, deadline) : UpstreamResult::failed;
}

asio::awaitable<UpstreamResult> UpstreamExchange::attempt(const std::string& head, std::chrono::steady_clock::time_point deadline) {
  if (!co_await connection_->write(head, piece_time_max_)) co_return UpstreamResult::closed;
  if (!downstream_.is_complete()) {
    if (downstream_.expects_continue() && !co_await downstream_.client().write("HTTP/1.1 100 Continue\r\n\r\n", piece_time_max_))
      co_return UpstreamResult::failed;
    start_upload();
  }
  co_return co_await read_response_head(deadline);
}

asio::awaitable<UpstreamResult> UpstreamExchange::read_response_head(std::chrono::steady_clock::time_point deadline) {
  for (int interim = 0; interim <= interim_responses_max; ++interim) {
    auto& response = response_.emplace();
    response.header_limit(UpstreamConnection::head_bytes_max);
    response.body_limit(boost::none);
    response.skip(downstream_.is_head());
    connection_->stream().expires_at(deadline);
    const auto [error, size] =
        co_await http::async_read_header(connection_->stream(), connection_->received(), response, as_result);
    const auto status = response.get().result_int();
    if (error == boost::beast::error::timeout) {
      if (upload_ && upload_->running && downstream_.client().reading()) upload_->body = Body::late;
      co_return UpstreamResult::late;
    }
    if (error) co_return size == 0 && !response.got_some() ? UpstreamResult::closed : UpstreamResult::failed;
    if (status == 101) co_return UpstreamResult::failed;
    if (status / 100 != 1) co_return UpstreamResult::response;
  }
  co_return UpstreamResult::failed;
}

void UpstreamExchange::start_upload() {
  upload_.emplace(io_);
  asio::co_spawn(io_, upload(), [this](const std::exception_ptr&) {
    upload_->running = false;
    upload_->ended.cancel();
  });
}

/// A service that responds before it has read everything is relayed all the same; half a request is none.
asio::awaitable<void> UpstreamExchange::upload() {
  auto& parser = downstream_.parser();
  const auto relayed = co_await relay(downstream_.client(), parser, *connection_, {}, parser.chunked(), piece_time_max_);
  if (relayed == Relayed::from_failed) upload_->body = Body::failed;
  if (relayed == Relayed::from_late) upload_->body = Body::late;
  if (upload_->body != Body::whole) connection_->cancel();
}

asio::awaitable<void> UpstreamExchange::end_upload() {
  if (!upload_) co_return;
  if (upload_->running) {
    downstream_.end_connection();
    downstream_.client().cancel();
    connection_->cancel();
  }
  while (upload_->running) co_await upload_->ended.async_wait(as_result);
}

bool UpstreamExchange::is_reusable() {
  return response_->get().keep_alive() && response_->is_done() && connection_->received().size() == 0;
}

}  // namespace lntpay::host
