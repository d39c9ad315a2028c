// One coroutine for each client: a request, the token, the table of methods, the node's answer, and again.
#include "host-adapters/server/proxy/node_proxy.hpp"

#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/base/secret.hpp"
#include "core/lightning/node/lnd.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/http_response.hpp"
#include "host-adapters/server/node/node_methods.hpp"
#include "host-adapters/server/ops/private_file.hpp"
#include "host-adapters/server/proxy/proxy_streams.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Stream = NodeProxy::Stream;

/// As lnd's gateway says no.
Response refusal(std::uint16_t status, int code, const std::string& message) {
  const nlohmann::json body{{"code", code}, {"message", message}, {"details", nlohmann::json::array()}};
  return {status, {{"content-type", "application/json"}}, body.dump()};
}

constexpr int grpc_unavailable = 14;
constexpr int grpc_unauthenticated = 16;
constexpr int grpc_permission_denied = 7;
constexpr int grpc_invalid_argument = 3;

/// Where no head came from the node.
Response no_answer(const Reply& reply) {
  // The words are known to the client (core/lightning/node/lnd_json.cpp): such a send has started nothing.
  if (const auto* none = std::get_if<NotSent>(&reply))
    return refusal(503, grpc_unavailable, "node-proxy: nothing was sent: " + none->reason);
  const auto* none = std::get_if<NoAnswer>(&reply);
  return refusal(502, grpc_unavailable, "node-proxy: no answer came: " + (none == nullptr ? std::string("none") : none->reason));
}

/// The client has left or says nothing; else it has said what cannot be read.
bool is_gone(const boost::system::error_code& error) {
  const bool of_the_connection = error.category() != make_error_code(http::error::end_of_stream).category();
  return error && (of_the_connection || error == http::error::end_of_stream || error == http::error::partial_message);
}

std::string head_for_client(const Response& head) {
  std::string text = "HTTP/1.1 " + std::to_string(head.status) + " \r\ntransfer-encoding: chunked\r\n";
  for (const auto& [name, value] : head.headers) {
    if (name == "content-type" || name == "date") text.append(name).append(": ").append(value).append("\r\n");
  }
  return text + "\r\n";
}

std::expected<std::string, std::string> read_or_make_token(const std::filesystem::path& path) {
  std::string token;
  if (std::filesystem::exists(path)) {
    if (auto good = check_private_file(path); !good) return std::unexpected(good.error());
    std::ifstream(path) >> token;
    const auto secret = std::string_view(token).substr(std::min(token.size(), node_proxy_token_begins.size()));
    if (token.starts_with(node_proxy_token_begins) && hex_decode32(secret)) return token;
    return std::unexpected(path.string() + " holds no token: delete it, and a new one is made");
  }
  Bytes32 secret{};
  if (getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size()))
    return std::unexpected("the system has no random bytes");
  token = std::string(node_proxy_token_begins) + hex(secret);
  if (auto written = write_private_file(path, token + "\n"); !written) return std::unexpected(written.error());
  return token;
}

}  // namespace

std::filesystem::path token_file(const std::filesystem::path& dir, std::string_view upstream) {
  return dir / (upstream == lnd::pay ? "pay.token" : "receive.token");
}

std::expected<NodeProxyTokens, std::string> node_proxy_tokens(const std::filesystem::path& dir, const Upstreams& upstreams) {
  std::error_code failed;
  std::filesystem::create_directories(dir, failed);
  if (failed) return std::unexpected(dir.string() + ": " + failed.message());
  NodeProxyTokens tokens;
  for (const auto& [name, upstream] : upstreams) {
    auto token = read_or_make_token(token_file(dir, name));
    if (!token) return std::unexpected(token.error());
    tokens.emplace(name, std::move(*token));
  }
  return tokens;
}

/// What the client asks, and what it is allowed to.
struct NodeProxy::Call {
  http::request_parser<http::string_body> parser{};
  Outgoing asked{};
};

/// The node's answer on its way, filled on the proxy's own thread.
struct NodeProxy::Passage {
  Passage(asio::io_context& io, Stream& whose, std::string_view target)
      : client(whose), endless(target.contains("/subscribe")), streams(endless || target.contains("/track/")), news(io) {}
  Stream& client;      ///< until it is over
  const bool endless;  ///< comes to no end by itself
  const bool streams;  ///< may say nothing for days
  std::chrono::steady_clock::time_point given_up_at = std::chrono::steady_clock::time_point::max();
  std::optional<Response> head;
  std::deque<std::string> pieces;
  std::optional<Reply> end;
  std::atomic<std::size_t> unread{0};  ///< bytes of the pieces that the client has not got yet
  bool client_gone = false;
  bool over = false;
  asio::steady_timer news;

  void tell() { news.cancel(); }
  /// Also where an answer is being written to it.
  void lose_client() {
    client_gone = true;
    if (!over) client.cancel();
  }
};

NodeProxy::NodeProxy(asio::io_context& io, Passing& node, NodeProxyTokens tokens, const Log& log, NodeProxyOptions options)
    : io_(io), node_(node), tokens_(std::move(tokens)), log_(log), options_(options), acceptor_(io) {}

void NodeProxy::listen(Tcp::acceptor bound) {
  acceptor_ = std::move(bound);
  acceptor_.listen(1'024);
  asio::co_spawn(io_, accept_connections(io_, acceptor_, [this](Tcp::socket socket) { admit(std::move(socket)); }), asio::detached);
}

void NodeProxy::drain() {
  draining_ = true;
  boost::system::error_code ignored;
  std::ignore = acceptor_.close(ignored);
  for (auto* client : idle_) client->cancel();
  for (auto* passage : passages_) passage->tell();
}

void NodeProxy::admit(Tcp::socket socket) {
  constexpr std::size_t refusing_max = 64;
  if (connections_ < options_.connections_max) {
    ++connections_;
    asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
  } else if (refusing_ < refusing_max) {
    ++refusing_;
    asio::co_spawn(io_, turn_away(std::move(socket)), [this](const std::exception_ptr&) { --refusing_; });
  }
}

/// More clients than there is room for: a definite no, after the request was read, so that the answer is.
asio::awaitable<void> NodeProxy::turn_away(Tcp::socket socket) {
  Stream client(std::move(socket));
  beast::flat_buffer received(options_.head_bytes_max + options_.body_bytes_max);
  http::request_parser<http::string_body> parser;
  client.expires_after(std::chrono::seconds(2));
  const auto [error, size] = co_await http::async_read(client, received, parser, as_result);
  const auto full = refusal(503, grpc_unavailable, "node-proxy: nothing was sent: there are too many connections");
  if (!error) co_await write_all(client, http_bytes(full, {.close = true}), std::chrono::seconds(2));
}

asio::awaitable<void> NodeProxy::serve(Tcp::socket socket) {
  boost::system::error_code ignored;
  std::ignore = socket.set_option(Tcp::no_delay(true), ignored);
  Stream client(std::move(socket));
  beast::flat_buffer received(options_.head_bytes_max + options_.body_bytes_max);
  for (bool goes_on = true; goes_on && !draining_;) {
    Call call;
    call.parser.header_limit(options_.head_bytes_max);
    call.parser.body_limit(options_.body_bytes_max);
    client.expires_after(received.size() > 0 ? options_.request_time_max : options_.keep_alive_max);
    idle_.insert(&client);
    const auto [error, size] = co_await http::async_read(client, received, call.parser, as_result);
    idle_.erase(&client);
    if (is_gone(error)) break;
    if (error) {
      const bool large = error == http::error::body_limit || error == http::error::header_limit;
      co_await write_all(client, http_bytes(refusal(large ? 413 : 400, grpc_invalid_argument, error.message()), {.close = true}),
                         options_.write_time_max);
      break;
    }
    goes_on = co_await answer(client, call);
  }
  --connections_;
}

/// The upstream that the token opens; empty: none.
std::string NodeProxy::role_of(std::string_view authorization) const {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization.starts_with(scheme)) return {};
  const auto shown = authorization.substr(scheme.size());
  std::string role;
  for (const auto& [name, token] : tokens_) {
    if (constant_time_equal(bytes_of(shown), bytes_of(token))) role = name;
  }
  return role;
}

/// Whether the connection goes on.
asio::awaitable<bool> NodeProxy::answer(Stream& client, Call& call) {
  auto& message = call.parser.get();
  const bool keeps = message.keep_alive() && message.version() == http_1_1;
  const auto refuse = [&](std::uint16_t status, int code, const char* why) {
    return write_all(client, http_bytes(refusal(status, code, why), {.close = !keeps}), options_.write_time_max);
  };
  if (message.version() != http_1_1) {
    co_await refuse(505, grpc_invalid_argument, "node-proxy: HTTP/1.1 only");
    co_return false;
  }
  const auto role = role_of(text_of(message[http::field::authorization]));
  const auto http_method = text_of(message.method_string());
  const auto target = text_of(message.target());
  const auto path = std::string(target.substr(0, target.find('?')));
  // Both begin as lnd's own word for it does, which the client knows to start nothing.
  if (role.empty()) {
    log_.warn("node_proxy_refused", {{"why", "token"}, {"path", path}});
    co_return co_await refuse(401, grpc_unauthenticated, "permission denied: the node-proxy does not know this token") && keeps;
  }
  if (find_node_method(role, http_method, target) == nullptr) {
    log_.warn("node_proxy_refused", {{"why", "method"}, {"upstream", role}, {"path", path}});
    co_return co_await refuse(403, grpc_permission_denied,
                              "permission denied: the node-proxy lets no such call through for this token") &&
        keeps;
  }
  call.asked = {
      .upstream = role,
      .method = std::string(http_method),
      .target = std::string(target),
      .headers = {},
      .body = std::move(message.body()),
      .timeout_ms = static_cast<std::uint32_t>(std::chrono::milliseconds(options_.connect_time_max).count()),
  };
  if (!call.asked.body.empty()) call.asked.headers.push_back({"content-type", "application/json"});
  call.asked.once = call.asked.method == "POST";
  co_return co_await pass(client, call) && keeps;
}

/// A stream may be silent for days: its client has hung up as soon as it says anything, an end included. Whoever closed its sending
/// side behind another call still gets the answer, for as long as a send may take.
void NodeProxy::watch(Stream& client, const std::shared_ptr<Passage>& passage) {
  auto& socket = client.socket();
  socket.async_wait(Tcp::socket::wait_read, [&socket, passage](const boost::system::error_code& error) {
    if (error || passage->over) return;
    char byte = 0;
    const auto read = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    const bool closed = read == 0;
    const bool broken = read < 0 && errno != EAGAIN && errno != EWOULDBLOCK;
    passage->client_gone = passage->streams || broken;
    if (closed) passage->given_up_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(send_timeout.value);
    passage->tell();
  });
}

asio::awaitable<bool> NodeProxy::pass(Stream& client, Call& call) {
  const auto passage = std::make_shared<Passage>(io_, client, call.asked.target);
  passages_.insert(passage.get());
  const auto name = call.asked.method + " " + call.asked.target.substr(0, call.asked.target.find('?'));
  // The last word may come when the proxy is gone, and only the context is left.
  const auto told = [&io = io_, passage](auto note) {
    asio::post(io, [passage, note = std::move(note)]() mutable {
      note(*passage);
      passage->tell();
    });
  };
  const auto open = node_.pass(
      std::move(call.asked),
      {.head = [told](const Response& head) { told([head](Passage& here) { here.head = head; }); },
       .piece =
           [told, passage, unread_max = options_.unread_bytes_max](std::string piece) {
             passage->unread += piece.size();
             if (passage->unread > unread_max) return told([](Passage& here) { here.lose_client(); });
             told([piece = std::move(piece)](Passage& here) mutable { here.pieces.push_back(std::move(piece)); });
           },
       .end = [told](Reply reply) { told([reply = std::move(reply)](Passage& here) mutable { here.end = std::move(reply); }); }});
  watch(client, passage);
  bool good = true;
  bool begun = false;
  while (good && !passage->client_gone) {
    if (passage->head && !begun) {
      begun = true;
      good = co_await write_all(client, head_for_client(*passage->head), options_.write_time_max);
    } else if (!passage->pieces.empty()) {
      const auto piece = std::move(passage->pieces.front());
      passage->pieces.pop_front();
      passage->unread -= piece.size();
      good = piece.empty() || co_await write_all(client, chunk_of(piece), options_.write_time_max);
    } else if (passage->end) {
      break;
    } else if ((draining_ && passage->endless) || std::chrono::steady_clock::now() >= passage->given_up_at) {
      good = false;
    } else {
      passage->news.expires_at(passage->given_up_at);
      co_await passage->news.async_wait(as_result);
    }
  }
  good = good && !passage->client_gone;
  passage->over = true;
  passages_.erase(passage.get());
  client.socket().cancel();  // the watch
  const auto status = passage->head ? passage->head->status : 0;
  log_.info("node_proxy", {{"call", name}, {"status", status}, {"whole", good && passage->end.has_value()}});
  if (!good) co_return false;
  if (!begun) co_return co_await write_all(client, http_bytes(no_answer(*passage->end), {}), options_.write_time_max);
  // Only what came to its end is ended.
  if (!std::holds_alternative<Answered>(*passage->end)) co_return false;
  co_return co_await write_all(client, "0\r\n\r\n", options_.write_time_max);
}

}  // namespace lntpay::host
