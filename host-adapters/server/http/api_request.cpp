// Reads one request of the API: its head, then its body, whole.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <string_view>
#include <utility>

#include "core/base/ascii.hpp"
#include "host-adapters/server/http/api_connection.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/parse_head.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using std::chrono::milliseconds;

constexpr std::size_t chunk_head_bytes_max = 16 * 1024;
constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

/// RFC 9112 section 3.2.2: the absolute form is accepted, and means its path here.
std::string origin_form(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return std::string(target);
  const auto path = target.find_first_of("/?", scheme + 3);
  if (path == std::string_view::npos) return "/";
  return (target[path] == '?' ? "/" : "") + std::string(target.substr(path));
}

/// The parser leaves over parts of chunk heads and trailers, where bare LF is as wrong as in a head.
bool has_bare_lf(std::string_view text) {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    if (at == 0 || text[at - 1] != '\r') return true;
  return false;
}

}  // namespace

asio::awaitable<std::expected<ApiConnection::Parsed, ApiConnection::NoRequest>> ApiConnection::read_request() {
  const HttpOptions& options = server_.options();
  const HeadTimes times = first_ ? HeadTimes{.idle = options.head_time_max, .head = std::nullopt}
                                 : HeadTimes{.idle = options.keep_alive_max, .head = options.head_time_max};
  const auto head_size = co_await connection_.read_head(options.limits, times);
  since_request_ = Clock::now();
  if (!head_size) co_return std::unexpected(head_size.error());

  Parser parser;
  parser.body_limit(options.limits.body_bytes_max);
  const auto& message = parser.get();
  const auto refused = parse_head(connection_, *head_size, parser, message, ContentCoding::refused);
  if (message.version() != 10 && message.version() != http_1_1) co_return std::unexpected(Refusal::malformed);
  if (refused) co_return std::unexpected(*refused);

  Parsed parsed;
  bool expects_continue = false;
  for (const auto& field : message) {
    const auto value = text_of(field.value());
    if (field.name() == http::field::expect) expects_continue = ascii_lower(value) == "100-continue";
    parsed.request.headers.push_back({ascii_lower(text_of(field.name_string())), std::string(value)});
  }
  parsed.request.method = std::string(text_of(message.method_string()));
  parsed.request.target = origin_form(text_of(message.target()));
  parsed.request.client = options.trusted_proxies.client_of(connection_.address(), parsed.request.headers);
  parsed.keep_alive = message.keep_alive();

  if (auto failed = co_await read_body(parser, expects_continue)) co_return std::unexpected(*failed);
  parsed.request.body = std::move(parser.get().body());
  co_return parsed;
}

asio::awaitable<std::optional<ApiConnection::NoRequest>> ApiConnection::read_body(Parser& parser, bool expects_continue) {
  const HttpOptions& options = server_.options();
  auto& received = connection_.received();
  auto since = Clock::now();
  std::size_t body_bytes = 0;
  for (parser.eager(true); !parser.is_done();) {
    if (received.size() > 0) {
      boost::system::error_code error;
      const std::size_t taken = parser.put(received.data(), error);
      received.consume(taken);
      body_bytes += taken;
      if (error == http::error::body_limit) co_return Refusal::body_too_large;
      if (error && error != http::error::need_more) co_return Refusal::malformed;
      if (received.size() > chunk_head_bytes_max || (error == http::error::need_more && has_bare_lf(connection_.received_text())))
        co_return Refusal::malformed;
      if (parser.is_done()) break;
      if (taken > 0 && received.size() > 0 && !error) continue;
    }
    if (std::exchange(expects_continue, false) && received.size() == 0 && body_bytes == 0) {
      since = Clock::now();
      if (!co_await write(std::string(continue_response))) co_return Connection::Closed{};
    }
    const auto earned = options.body_grace + milliseconds(body_bytes * 1'000 / 1'024);
    connection_.read_by(since + std::min(earned, options.body_time_max));
    if (!co_await connection_.read_some()) co_return connection_.timed_out() ? NoRequest(Refusal::timed_out) : Connection::Closed{};
  }
  co_return std::nullopt;
}

}  // namespace lntpay::host
