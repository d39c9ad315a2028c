// The steps of an exchange: write the body, wait for the head, read the body.
#include "host-adapters/wasi-http/wasi/exchange.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "host-adapters/common/message_utf8.hpp"

namespace lntpay::wasi_http {
namespace {

constexpr std::uint64_t ns_per_ms = 1'000'000;

/// wasi:http's error codes in their order, in words; where they are the same, those of the server's host.
constexpr std::array reasons{
    "the name server did not answer in time",
    "the name was not found",
    "the destination was not found",
    "the destination is unavailable",
    "the address is not allowed",
    "the address cannot be routed",
    "connection refused",
    "connection closed",
    "timed out while connecting",
    "timed out",
    "the request could not be sent in time",
    "there are too many connections",
    "TLS handshake failed",
    "certificate refused",
    "TLS failed: ended by the other side",
    "the runtime does not allow the request",
    "the request needs a length",
    "the request's body is too large",
    "the method is not allowed",
    "the URL cannot be read",
    "the URL is too long",
    "the request's head is too large",
    "a header is too large",
    "the trailers are too large",
    "a trailer is too large",
    "connection closed",
    "response head too large",
    "response head too large",
    "malformed response body",
    "response trailers too large",
    "response trailers too large",
    "unknown transfer coding",
    "unknown content coding",
    "timed out",
    "the connection could not be upgraded",
    "the response is not HTTP/1.x",
    "the request came back to its sender",
    "the runtime is not set up for requests",
    "the runtime failed",
};

/// Whether no byte of the request can have been sent: no address, connection or trust, or the runtime rejected it.
bool is_unsent(std::uint8_t code) {
  switch (code) {
    case WASI_HTTP_TYPES_ERROR_CODE_DNS_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_DNS_ERROR:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_NOT_FOUND:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_IP_PROHIBITED:
    case WASI_HTTP_TYPES_ERROR_CODE_DESTINATION_IP_UNROUTABLE:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_REFUSED:
    case WASI_HTTP_TYPES_ERROR_CODE_CONNECTION_TIMEOUT:
    case WASI_HTTP_TYPES_ERROR_CODE_TLS_CERTIFICATE_ERROR:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_DENIED:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_METHOD_INVALID:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_URI_INVALID:
    case WASI_HTTP_TYPES_ERROR_CODE_HTTP_REQUEST_URI_TOO_LONG: return true;
    default: return false;
  }
}

Reply lost(wasi_http_types_error_code_t& code) {
  const std::string why = code.tag < reasons.size() ? reasons[code.tag] : "the exchange failed";
  const bool unsent = is_unsent(code.tag);
  wasi_http_types_error_code_free(&code);
  if (unsent) return NotSent{why};
  return NoAnswer{why};
}

struct Where {
  bool secure = false;
  std::string_view authority;
  std::string path;
};

Where split(std::string_view url) {
  const bool secure = url.starts_with("https://");
  url.remove_prefix(std::min(url.size(), secure ? std::size_t{8} : std::size_t{7}));
  const auto authority = url.substr(0, url.find_first_of("/?"));
  std::string path(url.substr(authority.size()));
  if (!path.starts_with('/')) path.insert(0, "/");
  return {secure, authority, std::move(path)};
}

wasi_http_types_method_t method_of(std::string_view name) {
  constexpr std::array names{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  const auto found = std::ranges::find(names, name);
  wasi_http_types_method_t method{.tag = static_cast<std::uint8_t>(found - names.begin()), .val = {}};
  if (found == names.end()) method.val.other = borrowed(name);
  return method;
}

}  // namespace

Exchange::Exchange(HttpCall call) : call_(std::move(call)), deadline_(uptime() + Millis{call_.timeout_ms}), unsent_(call_.body) {
  // A length for every body, and for methods that may have one.
  if (!call_.body.empty() || (call_.method != "GET" && call_.method != "HEAD"))
    call_.headers.push_back({"content-length", std::to_string(call_.body.size())});
  const auto request = wasi_http_types_constructor_outgoing_request(fields_of(call_.headers));
  const auto self = wasi_http_types_borrow_outgoing_request(request);
  const auto where = split(call_.url);
  auto method = method_of(call_.method);
  wasi_http_types_scheme_t scheme{
      .tag = static_cast<std::uint8_t>(where.secure ? WASI_HTTP_TYPES_SCHEME_HTTPS : WASI_HTTP_TYPES_SCHEME_HTTP), .val = {}};
  auto authority = borrowed(where.authority);
  auto path = borrowed(where.path);
  wasi_http_types_own_outgoing_body_t body;
  if (!wasi_http_types_method_outgoing_request_set_method(self, &method) ||
      !wasi_http_types_method_outgoing_request_set_scheme(self, &scheme) ||
      !wasi_http_types_method_outgoing_request_set_authority(self, &authority) ||
      !wasi_http_types_method_outgoing_request_set_path_with_query(self, &path) ||
      !wasi_http_types_method_outgoing_request_body(self, &body)) {
    wasi_http_types_outgoing_request_drop_own(request);
    reply_ = NotSent{"the runtime does not take the URL"};
    return;
  }
  send(OutgoingBody(body), request);
}

void Exchange::send(OutgoingBody body, wasi_http_types_own_outgoing_request_t request) {
  auto options = wasi_http_types_constructor_request_options();
  auto connect_limit = std::uint64_t{call_.connect_timeout_ms} * ns_per_ms;
  auto limit = std::uint64_t{call_.timeout_ms} * ns_per_ms;
  const auto self = wasi_http_types_borrow_request_options(options);
  wasi_http_types_method_request_options_set_connect_timeout(self, &connect_limit);
  wasi_http_types_method_request_options_set_first_byte_timeout(self, &limit);
  wasi_http_types_method_request_options_set_between_bytes_timeout(self, &limit);
  wasi_http_types_own_output_stream_t stream;
  if (!wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body.get()), &stream)) {
    reply_ = NotSent{"the runtime takes no body"};
    wasi_http_types_request_options_drop_own(options);
    wasi_http_types_outgoing_request_drop_own(request);
    return;
  }
  OutputStream out(stream);
  wasi_http_types_own_future_incoming_response_t future;
  wasi_http_types_error_code_t refused;
  if (!wasi_http_outgoing_handler_handle(request, &options, &future, &refused)) {
    reply_ = lost(refused);
    return;
  }
  future_ = Future(future);
  outgoing_body_ = std::move(body);
  out_ = std::move(out);
}

std::optional<Reply> Exchange::advance() {
  can_write_.reset();
  can_read_.reset();
  if (!reply_ && out_) write();
  if (!reply_ && !has_head_) await_head();  // may arrive before all is written
  if (!reply_ && has_head_) read();
  if (!reply_ && uptime() >= deadline_) end("timed out");
  if (!reply_) return std::nullopt;
  can_write_.reset();
  can_read_.reset();
  return std::exchange(reply_, std::nullopt);
}

void Exchange::add_pollables(std::vector<wasi_io_poll_borrow_pollable_t>& any) const {
  for (const auto* pollable : {&can_write_, &can_read_})
    if (*pollable) any.push_back(wasi_io_poll_borrow_pollable(pollable->get()));
}

void Exchange::write() {
  bool open = true;
  while (open && !unsent_.empty()) {
    const auto before = unsent_.size();
    open = write_piece(out_, unsent_, false);
    if (open && unsent_.size() == before) {
      can_write_ = Pollable(wasi_io_streams_method_output_stream_subscribe(wasi_io_streams_borrow_output_stream(out_.get())));
      return;
    }
  }
  // All is written, or the other side has stopped reading; its response follows.
  out_.reset();
  if (!open) {
    outgoing_body_.reset();
    return;
  }
  wasi_http_types_error_code_t error;
  if (!wasi_http_types_static_outgoing_body_finish(outgoing_body_.release(), nullptr, &error))
    wasi_http_types_error_code_free(&error);
}

void Exchange::await_head() {
  const auto future = wasi_http_types_borrow_future_incoming_response(future_.get());
  wasi_http_types_result_result_own_incoming_response_error_code_void_t result;
  if (!wasi_http_types_method_future_incoming_response_get(future, &result)) {
    can_read_ = Pollable(wasi_http_types_method_future_incoming_response_subscribe(future));
    return;
  }
  if (result.is_err || result.val.ok.is_err) {
    reply_ = result.is_err ? Reply(NoAnswer{"the answer was taken already"}) : lost(result.val.ok.val.err);
    return;
  }
  incoming_ = Incoming(result.val.ok.val.ok);
  const auto incoming = wasi_http_types_borrow_incoming_response(incoming_.get());
  response_.status = wasi_http_types_method_incoming_response_status(incoming);
  response_.headers = headers_of(wasi_http_types_method_incoming_response_headers(incoming));
  has_head_ = true;
  wasi_http_types_own_incoming_body_t body;
  wasi_http_types_own_input_stream_t stream;
  if (!wasi_http_types_method_incoming_response_consume(incoming, &body)) return end("the answer has no body to read");
  incoming_body_ = IncomingBody(body);
  if (!wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(body), &stream))
    return end("the answer has no body to read");
  in_ = InputStream(stream);
}

void Exchange::read() {
  for (;;) {
    auto piece = read_piece(in_);
    if (piece.ended) return end(std::move(piece.error));
    if (piece.bytes.empty()) break;
    keep(std::move(piece.bytes));
    const bool enough = response_.body.size() >= call_.body_limit || (call_.lines > 0 && lines_ >= call_.lines);
    if (enough) return end({});
  }
  can_read_ = Pollable(wasi_io_streams_method_input_stream_subscribe(wasi_io_streams_borrow_input_stream(in_.get())));
}

void Exchange::keep(std::string bytes) {
  bytes.resize(std::min<std::size_t>(bytes.size(), call_.body_limit - response_.body.size()));
  for (std::size_t i = 0; call_.lines > 0 && i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && ++lines_ == call_.lines) bytes.resize(i + 1);
  }
  response_.body += bytes;
}

/// Ends with the response received so far; `broken` is the reason, empty for a complete one.
void Exchange::end(std::string broken) {
  if (!has_head_) {
    reply_ = NoAnswer{std::move(broken)};
    return;
  }
  host::make_utf8(response_);
  if (broken.empty()) {
    reply_ = Answered{std::move(response_)};
  } else {
    reply_ = Broken{std::move(response_), std::move(broken)};
  }
}

}  // namespace lntpay::wasi_http
