// Reads a client's head, and makes the heads that the service and the client get.
#include "host-adapters/server/proxy/downstream_request.hpp"

#include <utility>
#include <variant>

#include "core/base/ascii.hpp"
#include "host-adapters/common/message_utf8.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/http_response.hpp"
#include "host-adapters/server/http/parse_head.hpp"
#include "host-adapters/server/proxy/proxy_fields.hpp"
#include "host-adapters/server/proxy/relay.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::optional<std::uint64_t> standard(const boost::optional<std::uint64_t>& length) {
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

/// No cache on the way keeps a response that was paid for.
void make_private(std::vector<Header>& headers) {
  join_lines(headers, "cache-control");
  if (ascii_lower(value_of(headers, "cache-control")).contains("no-store")) return;
  remove_field(headers, "cache-control");
  headers.push_back({"cache-control", "private"});
}

}  // namespace

asio::awaitable<bool> DownstreamRequest::read_head() {
  const auto size = co_await client_.read_head(options_.limits, {.idle = options_.keep_alive_max, .head = options_.head_time_max});
  if (!size) {
    if (const auto* why = std::get_if<Refusal>(&size.error())) refused_ = *why;
    co_return refused_.has_value();
  }
  client_.end_request();
  parser_.body_limit(boost::none);
  const auto& message = parser_.get();
  refused_ = parse_head(client_, *size, parser_, message, ContentCoding::passed);
  if (refused_) co_return true;
  request_ = {.method = std::string(text_of(message.method_string())),
              .target = std::string(text_of(message.target())),
              .headers = end_to_end(message),
              .body = {},
              .client = client_.address()};
  if (!request_.target.starts_with('/')) refused_ = Refusal::malformed;
  if (!is_utf8(request_)) refused_ = Refusal::not_utf8;
  remove_ours(request_.headers);
  join_lines(request_.headers, "x-forwarded-for");
  request_.client = options_.trusted_proxies.client_of(client_.address(), request_.headers);
  co_return true;
}

bool DownstreamRequest::is_1_1() const { return parser_.get().version() == http_1_1; }

bool DownstreamRequest::is_upgrade() const {
  return parser_.get().count(http::field::upgrade) > 0 || parser_.get().method() == http::verb::connect;
}

bool DownstreamRequest::expects_continue() const {
  return is_1_1() && ascii_lower(text_of(parser_.get()[http::field::expect])) == "100-continue";
}

std::optional<std::uint64_t> DownstreamRequest::body_size() const {
  if (parser_.chunked()) return std::nullopt;
  return standard(parser_.content_length()).value_or(0);
}

bool DownstreamRequest::closes() const { return ends_ || !parser_.is_done() || !parser_.get().keep_alive() || client_.draining(); }

std::string DownstreamRequest::pass(const Passage& passage) {
  bodiless_ = passage.bodiless;
  auto headers = request_.headers;
  apply_passage(passage, headers);
  const auto forwarded = value_of(headers, "x-forwarded-for");
  remove_field(headers, "x-forwarded-for");
  headers.push_back({"x-forwarded-for", forwarded.empty() ? client_.address() : forwarded + ", " + client_.address()});
  if (value_of(headers, "x-forwarded-proto").empty()) headers.push_back({"x-forwarded-proto", "http"});
  if (value_of(headers, "host").empty()) headers.push_back({"host", options_.service_host});
  const auto framing =
      bodiless_ ? SentFraming{} : SentFraming{.length = standard(parser_.content_length()), .chunked = parser_.chunked()};
  return request_.method + " " + request_.target + " HTTP/1.1\r\n" + lines_of(headers) + framing.line() + "\r\n";
}

asio::awaitable<bool> DownstreamRequest::respond(const Response& response) {
  const bool close = closes();
  auto sent = response;
  set_lines(sent.headers, added_);
  co_return co_await client_.write(http_bytes(sent, {.head_only = is_head(), .close = close}), options_.piece_time_max) && !close;
}

asio::awaitable<bool> DownstreamRequest::relay_response(UpstreamConnection& service, ResponseParser& response,
                                                        const std::vector<Header>& lines, const std::vector<Header>& cors) {
  const auto& message = response.get();
  const auto status = message.result_int();
  const bool no_body = is_head() || status == 204 || status == 304;
  const auto length = status == 204 ? std::nullopt : standard(response.content_length());
  const SentFraming framing{.length = length, .chunked = !length && !no_body && is_1_1()};
  const bool until_close = !length && !no_body && !is_1_1();
  const bool close = until_close || closes();  // also while the request's body is still being sent

  auto headers = end_to_end(message);
  set_lines(headers, lines);
  set_lines(headers, added_);
  add_cors(headers, cors);
  if (!for_every_client_) make_private(headers);
  auto head = "HTTP/1.1 " + std::to_string(status) + " " + std::string(text_of(message.reason())) + "\r\n" + lines_of(headers) +
              framing.line() + (close ? "connection: close\r\n" : "") + "\r\n";
  if (no_body) co_return co_await client_.write(std::move(head), options_.piece_time_max) && !close;
  const auto relayed = co_await relay(service, response, client_, std::move(head), framing.chunked, options_.piece_time_max);
  co_return relayed == Relayed::whole && !close;
}

}  // namespace lntpay::host
