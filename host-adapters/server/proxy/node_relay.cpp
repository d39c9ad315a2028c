// The node's response on its way, and the client that may leave meanwhile.
#include "host-adapters/server/proxy/node_relay.hpp"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>
#include <variant>

#include "core/lightning/node/node.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/http_response.hpp"
#include "host-adapters/server/proxy/lnd_refusal.hpp"
#include "host-adapters/server/proxy/relay.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

/// The response where the node sent no head.
Response no_answer(const Reply& reply) {
  // The client knows this wording (core/lightning/node/lnd_json.cpp): such a send has started nothing.
  if (const auto* reason = reason_unsent(reply))
    return lnd_refusal(503, GrpcCode::unavailable, "node-proxy: nothing was sent: " + *reason);
  const auto* none = std::get_if<NoAnswer>(&reply);
  return lnd_refusal(502, GrpcCode::unavailable,
                     "node-proxy: no answer came: " + (none == nullptr ? std::string("none") : none->reason));
}

std::string head_for_client(const Response& head) {
  std::string text = "HTTP/1.1 " + std::to_string(head.status) + " \r\ntransfer-encoding: chunked\r\n";
  for (const auto& [name, value] : head.headers) {
    if (name == "content-type" || name == "date") text.append(name).append(": ").append(value).append("\r\n");
  }
  return text + "\r\n";
}

}  // namespace

NodeRelay::NodeRelay(asio::io_context& io, Connection& client, std::string_view target, NodeRelayOptions options)
    : io_(io),
      client_(client),
      endless_(target.contains("/subscribe")),
      streams_(endless_ || target.contains("/track/")),
      options_(options),
      news_(io) {}

asio::awaitable<bool> NodeRelay::run(Passing& node, Outgoing call) {
  const auto open = node.pass(std::move(call), hearing());
  watch_client();
  const bool good = co_await write_response() && !client_gone_;
  over_ = true;
  client_.cancel();  // ends watch_client
  if (!good) co_return false;
  co_return co_await write_end();
}

/// The last call may come when the proxy is gone and only `io` is left.
Passing::Hearing NodeRelay::hearing() {
  const auto post = [&io = io_, self = shared_from_this()](auto note) {
    asio::post(io, [self, note = std::move(note)]() mutable {
      note(*self);
      self->news_.cancel();
    });
  };
  return {
      .head = [post](const Response& head) { post([head](NodeRelay& relay) { relay.head_ = head; }); },
      .piece =
          [post, self = shared_from_this()](std::string piece) {
            self->unread_ += piece.size();
            if (self->unread_ > self->options_.unread_bytes_max) return post([](NodeRelay& relay) { relay.lose_client(); });
            post([piece = std::move(piece)](NodeRelay& relay) mutable { relay.pieces_.push_back(std::move(piece)); });
          },
      .end =
          [post](Reply reply) { post([reply = std::move(reply)](NodeRelay& relay) mutable { relay.end_ = std::move(reply); }); }};
}

/// A client that closes its sending side, or sends anything, during a stream has hung up: a stream may be silent for days. After
/// another call it still gets the response, for as long as a send may take.
void NodeRelay::watch_client() {
  auto& socket = client_.socket();
  socket.async_wait(Connection::Tcp::socket::wait_read,
                    [&socket, self = shared_from_this()](const boost::system::error_code& error) {
                      if (error || self->over_) return;
                      char byte = 0;
                      const auto read = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
                      const bool closed = read == 0;
                      const bool broken = read < 0 && errno != EAGAIN && errno != EWOULDBLOCK;
                      self->client_gone_ = self->streams_ || broken;
                      if (closed) self->given_up_at_ = Clock::now() + std::chrono::milliseconds(send_timeout.value);
                      self->news_.cancel();
                    });
}

/// Also while a response is being written to it.
void NodeRelay::lose_client() {
  client_gone_ = true;
  if (!over_) client_.cancel();
}

/// Head and pieces as they come, until the node has ended the response.
asio::awaitable<bool> NodeRelay::write_response() {
  bool good = true;
  while (good && !client_gone_) {
    if (head_ && !head_written_) {
      head_written_ = true;
      good = co_await client_.write(head_for_client(*head_), options_.write_time_max);
    } else if (!pieces_.empty()) {
      const auto piece = std::move(pieces_.front());
      pieces_.pop_front();
      unread_ -= piece.size();
      good = piece.empty() || co_await client_.write(chunk_of(piece), options_.write_time_max);
    } else if (end_) {
      break;
    } else if ((client_.draining() && endless_) || Clock::now() >= given_up_at_) {
      good = false;
    } else {
      news_.expires_at(given_up_at_);
      co_await news_.async_wait(as_result);
    }
  }
  co_return good;
}

asio::awaitable<bool> NodeRelay::write_end() {
  if (!head_written_) co_return co_await client_.write(http_bytes(no_answer(*end_), {}), options_.write_time_max);
  if (!std::holds_alternative<Answered>(*end_)) co_return false;  // truncated
  co_return co_await client_.write(std::string(last_chunk), options_.write_time_max);
}

}  // namespace lntpay::host
