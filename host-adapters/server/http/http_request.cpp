// Reading a request: its head, how its body is framed, its body.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string_view>
#include <utility>

#include "core/base/ascii.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/http_connection.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;
using std::chrono::milliseconds;

constexpr std::size_t read_bytes_min = 2 * 1024;
constexpr std::size_t read_bytes_max = 64 * 1024;
constexpr std::size_t chunk_head_bytes_max = 16 * 1024;
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

/// RFC 9112 section 3.2.2: the absolute form is accepted, and means its path here.
std::string origin_form(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return std::string(target);
  const auto path = target.find_first_of("/?", scheme + 3);
  if (path == std::string_view::npos) return "/";
  return (target[path] == '?' ? "/" : "") + std::string(target.substr(path));
}

/// What the parser leaves over is part of a chunk's head or of trailers, and there bare LF is as wrong as in a head.
bool has_bare_lf(std::string_view text) {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    if (at == 0 || text[at - 1] != '\r') return true;
  return false;
}

}  // namespace

asio::awaitable<HttpConnection::Read<std::size_t>> HttpConnection::read_account() {
  const HttpOptions& options = server_.options();
  HeadScanner scanner(options.limits);
  enter(Phase::idle, first_ ? options.head_time_max : options.keep_alive_max);
  for (;;) {
    while (received_.starts_with("\r\n")) received_.erase(0, 2);  // RFC 9112 section 2.2: empty lines before a request
    const bool maybe_empty_line = received_ == "\r";
    if (!maybe_empty_line) {
      if (auto refused = scanner.scan(received_)) co_return std::unexpected(*refused);
      if (const auto size = scanner.head_size()) co_return *size;
    }
    if (phase_ == Phase::idle && !received_.empty()) {
      const auto deadline = deadline_;
      enter(Phase::head, options.head_time_max);
      if (first_) deadline_ = deadline;
    }
    if (phase_ == Phase::idle && server_.draining()) co_return std::unexpected(Closed{});
    if (!co_await read_more()) {
      if (timed_out_ && phase_ == Phase::head) co_return std::unexpected(Refusal::timed_out);
      co_return std::unexpected(Closed{});
    }
  }
}

asio::awaitable<HttpConnection::Read<HttpConnection::Parsed>> HttpConnection::read_request() {
  const HttpLimits& limits = server_.options().limits;
  const auto head_size = co_await read_account();
  since_request_ = Clock::now();
  if (!head_size) co_return std::unexpected(head_size.error());

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes_max + 1));
  parser.body_limit(limits.body_bytes_max);
  boost::system::error_code error;
  parser.put(asio::buffer(received_.data(), *head_size), error);
  if (error && error != http::error::need_more && error != http::error::body_limit) co_return std::unexpected(Refusal::malformed);
  received_.erase(0, *head_size);

  const auto& message = parser.get();
  Parsed parsed;
  Framing framing;
  bool expects_go_on = false;
  for (const auto& field : message) {
    const std::string_view value(field.value().data(), field.value().size());
    switch (field.name()) {
      case http::field::content_length: framing.content_length(value); break;
      case http::field::transfer_encoding: framing.transfer_encoding(value); break;
      case http::field::content_encoding: framing.content_encoding(value); break;
      case http::field::host: framing.host(); break;
      case http::field::expect: expects_go_on = ascii_lower(value) == "100-continue"; break;
      default: break;
    }
    parsed.request.headers.push_back(
        {ascii_lower(std::string_view(field.name_string().data(), field.name_string().size())), std::string(value)});
  }
  if (message.version() != 10 && message.version() != 11) co_return std::unexpected(Refusal::malformed);
  if (const auto refused = framing.refusal(message.version() == 11)) co_return std::unexpected(*refused);
  if (error == http::error::body_limit) co_return std::unexpected(Refusal::body_too_large);
  parsed.request.method = std::string(message.method_string());
  parsed.request.target = origin_form({message.target().data(), message.target().size()});
  parsed.request.client = server_.options().trusted_proxies.client_of(client_, parsed.request.headers);
  parsed.keep_alive = message.keep_alive();

  const auto& options = server_.options();
  enter(Phase::body, options.body_grace);
  std::size_t body_bytes = 0;
  for (parser.eager(true); !parser.is_done();) {
    if (!received_.empty()) {
      const std::size_t taken = parser.put(asio::buffer(received_), error);
      received_.erase(0, taken);
      body_bytes += taken;
      if (error == http::error::body_limit) co_return std::unexpected(Refusal::body_too_large);
      if (error && error != http::error::need_more) co_return std::unexpected(Refusal::malformed);
      if (received_.size() > chunk_head_bytes_max || (error == http::error::need_more && has_bare_lf(received_)))
        co_return std::unexpected(Refusal::malformed);
      if (parser.is_done()) break;
      if (taken > 0 && !received_.empty() && !error) continue;
    }
    if (std::exchange(expects_go_on, false) && received_.empty() && body_bytes == 0 && !co_await write(std::string(go_on)))
      co_return std::unexpected(Closed{});
    phase_ = Phase::body;
    const auto earned = options.body_grace + milliseconds(body_bytes * 1'000 / 1'024);
    deadline_ = since_ + std::min(earned, options.body_time_max);
    if (!co_await read_more()) co_return std::unexpected(timed_out_ ? std::variant<Refusal, Closed>(Refusal::timed_out) : Closed{});
  }
  parsed.request.body = std::move(parser.get().body());
  co_return parsed;
}

asio::awaitable<bool> HttpConnection::read_more() {
  const std::size_t before = received_.size();
  received_.resize(before + std::clamp(before, read_bytes_min, read_bytes_max));
  const auto [error, size] =
      co_await socket_.async_read_some(asio::buffer(received_.data() + before, received_.size() - before), as_result);
  received_.resize(before + (error ? 0 : size));
  if (received_.empty()) received_.shrink_to_fit();
  co_return !error;
}

}  // namespace lntpay::host
