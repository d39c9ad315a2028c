// One coroutine for each client: head, gate, service, answer, and again.
#include "host-adapters/server/proxy/gate_proxy.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "core/base/ascii.hpp"
#include "host-adapters/common/message_utf8.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/http_response.hpp"
#include "host-adapters/server/http/http_server.hpp"
#include "host-adapters/server/ops/server_config.hpp"
#include "host-adapters/server/proxy/proxy_fields.hpp"
#include "host-adapters/server/proxy/proxy_streams.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Stream = GateProxy::Stream;
using Pieces = http::buffer_body;
using Heard = GateProxy::Heard;

constexpr std::size_t piece_bytes = 16 * 1024;
constexpr std::size_t service_head_bytes_max = 64 * 1024;

/// The proxy's own answers, as RFC 9457 has them.
Response problem(std::uint16_t status, std::string_view title, std::string_view detail) {
  const nlohmann::json body{{"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
  return {status, {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}}, body.dump()};
}

Response failure(Heard heard, bool broke) {
  if (broke) return problem(400, "Bad Request", "The request's body broke off. Nothing was taken.");
  if (heard == Heard::late) return problem(504, "Gateway Timeout", "The service took longer than a use is reserved for.");
  if (heard == Heard::answer)
    return problem(503, "Service Unavailable", "The use cannot be written down. Ask again, with the same credential.");
  return problem(502, "Bad Gateway", "The service does not answer. What was paid is still good.");
}

/// Whether the service has not closed it meanwhile.
bool is_alive(Stream& stream) {
  char byte = 0;
  const auto read = ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return read < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/// Framing of what is sent: as the other side has it, or in chunks.
struct SentFraming {
  std::optional<std::uint64_t> length;
  bool chunked = false;
  [[nodiscard]] std::string line() const {
    if (chunked) return "transfer-encoding: chunked\r\n";
    return length ? "content-length: " + std::to_string(*length) + "\r\n" : std::string();
  }
};

/// A socket that is closed while bytes wait in it makes the system reset the connection, and the client may lose the answer.
asio::awaitable<void> linger(Stream& client) {
  constexpr std::size_t bytes_max = 1024 * 1024;
  boost::system::error_code ignored;
  std::ignore = client.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  client.expires_after(std::chrono::seconds(2));
  std::array<char, piece_bytes> rest{};
  for (std::size_t total = 0; total < bytes_max;) {
    const auto [error, size] = co_await client.async_read_some(asio::buffer(rest), as_result);
    if (error) co_return;
    total += size;
  }
}

enum class Relayed : std::uint8_t { whole, from_failed, to_failed };

/// The rest of a message from one side to the other, piece by piece as it comes, behind `head`: that goes with the first piece
/// where something of it has been received already, else at once.
template <bool is_request>
asio::awaitable<Relayed> relay(Stream& from, beast::flat_buffer& received, http::parser<is_request, Pieces>& parser, Stream& to,
                               std::string head, bool chunked, std::chrono::seconds time_max) {
  std::array<char, piece_bytes> piece{};
  while (!parser.is_done()) {
    if (!head.empty() && received.size() == 0) {
      if (!co_await write_all(to, std::exchange(head, {}), time_max)) co_return Relayed::to_failed;
    }
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    from.expires_after(time_max);
    const auto [error, read] = co_await http::async_read_some(from, received, parser, as_result);
    if (error && error != http::error::need_buffer) co_return Relayed::from_failed;
    const std::string_view bytes(piece.data(), piece.size() - body.size);
    if (bytes.empty()) continue;
    const bool written = co_await write_all(to, std::exchange(head, {}).append(chunked ? chunk_of(bytes) : bytes), time_max);
    if (!written) co_return Relayed::to_failed;
  }
  if (chunked) head += "0\r\n\r\n";
  const bool ended = head.empty() || co_await write_all(to, std::move(head), time_max);
  co_return ended ? Relayed::whole : Relayed::to_failed;
}

}  // namespace

/// One request and its answer on a client's connection.
struct GateProxy::Exchange {
  Stream& client;
  beast::flat_buffer& received;
  std::string address;
  http::request_parser<Pieces> parser{};
  Request request{};  ///< as the gate sees it: without a body
  std::optional<Refusal> refused{};

  bool ends = false;             ///< the connection, with this answer
  Clock::time_point deadline{};  ///< of the service's answer: later somebody else may be let in by the same use

  [[nodiscard]] bool is_head() const { return request.method == "HEAD"; }
  [[nodiscard]] bool is_1_1() { return parser.get().version() == http_1_1; }
  [[nodiscard]] bool keeps_alive() { return !ends && parser.is_done() && parser.get().keep_alive(); }
};

/// The other side of it.
struct GateProxy::Service {
  struct Upload {
    explicit Upload(asio::io_context& io) : ended(io, asio::steady_timer::time_point::max()) {}
    bool under_way = true;
    bool broke = false;  ///< the client's body did not come to its end
    asio::steady_timer ended;
  };
  std::unique_ptr<Stream> stream{};
  beast::flat_buffer received{service_head_bytes_max + piece_bytes};
  std::optional<http::response_parser<Pieces>> told{};
  std::optional<Upload> upload{};
};

GateProxy::GateProxy(asio::io_context& io, Submit submit, const Log& log, GateProxyOptions options)
    : io_(io), submit_(std::move(submit)), log_(log), options_(std::move(options)), acceptor_(io) {}

void GateProxy::listen(Tcp::acceptor bound) {
  acceptor_ = std::move(bound);
  acceptor_.listen(1'024);
  asio::co_spawn(io_, accept_connections(io_, acceptor_, [this](Tcp::socket socket) { admit(std::move(socket)); }), asio::detached);
}

void GateProxy::drain() {
  draining_ = true;
  boost::system::error_code ignored;
  std::ignore = acceptor_.close(ignored);
  for (auto* client : idle_) client->cancel();
  services_.clear();
}

void GateProxy::admit(Tcp::socket socket) {
  constexpr std::size_t refusing_max = 64;
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  std::ignore = socket.set_option(Tcp::no_delay(true), error);
  auto address = address_text(peer.address());
  const auto from_there = per_address_.find(address);
  const bool too_many_there = from_there != per_address_.end() && from_there->second >= options_.connections_per_address_max;
  if (connections_ >= options_.connections_max || too_many_there) {
    if (refusing_ >= refusing_max) return;
    ++refusing_;
    asio::co_spawn(io_, turn_away(std::move(socket)), [this](const std::exception_ptr&) { --refusing_; });
    return;
  }
  ++connections_;
  ++per_address_[address];
  asio::co_spawn(io_, serve(std::move(socket), address), [this, address](const std::exception_ptr&) {
    --connections_;
    const auto count = per_address_.find(address);
    if (--count->second == 0) per_address_.erase(count);
  });
}

/// More connections than the proxy has room for.
asio::awaitable<void> GateProxy::turn_away(Tcp::socket socket) {
  Stream client(std::move(socket));
  auto full = problem(503, "Service Unavailable", "There are too many connections; try again in a moment.");
  full.headers.push_back({"retry-after", "1"});
  if (co_await write_all(client, http_bytes(full, {.close = true}), std::chrono::seconds(2))) co_await linger(client);
}

asio::awaitable<void> GateProxy::serve(Tcp::socket socket, std::string address) {
  Stream client(std::move(socket));
  beast::flat_buffer received(options_.limits.head_bytes_max + 4 * piece_bytes);
  for (bool goes_on = true; goes_on && !draining_;) {
    Exchange one{.client = client, .received = received, .address = address};
    idle_.insert(&client);
    const bool whole = co_await read_account(one);
    idle_.erase(&client);
    if (!whole) break;
    goes_on = co_await exchange(one);
  }
  co_await linger(client);
}

/// False: the client is gone. A head that must be turned away is `refused`.
asio::awaitable<bool> GateProxy::read_account(Exchange& exchange) {
  auto& client = exchange.client;
  auto& received = exchange.received;
  auto& parser = exchange.parser;
  auto& request = exchange.request;
  auto& refused = exchange.refused;
  HeadScanner scanner(options_.limits);
  bool begun = received.size() > 0;
  client.expires_after(begun ? options_.head_time_max : options_.keep_alive_max);
  for (;;) {
    std::string_view bytes(static_cast<const char*>(received.data().data()), received.size());
    while (bytes.starts_with("\r\n")) {  // RFC 9112 section 2.2
      received.consume(2);
      bytes.remove_prefix(2);
    }
    if (bytes != "\r") refused = scanner.scan(bytes);
    if (refused) co_return true;
    if (scanner.head_size()) break;
    const auto [error, size] = co_await client.async_read_some(received.prepare(piece_bytes), as_result);
    if (error) co_return false;
    received.commit(size);
    if (!std::exchange(begun, true)) client.expires_after(options_.head_time_max);
  }
  boost::system::error_code error;
  parser.header_limit(static_cast<std::uint32_t>(options_.limits.head_bytes_max + 1));
  parser.body_limit(boost::none);
  received.consume(parser.put(asio::buffer(received.data().data(), *scanner.head_size()), error));
  if ((error && error != http::error::need_more) || !parser.is_header_done()) refused = Refusal::malformed;
  if (refused) co_return true;

  const auto& message = parser.get();
  Framing framing;
  for (const auto& field : message) {
    const auto value = text_of(field.value());
    switch (field.name()) {
      case http::field::content_length: framing.content_length(value); break;
      case http::field::transfer_encoding: framing.transfer_encoding(value); break;
      case http::field::host: framing.host(); break;
      default: break;
    }
  }
  refused = framing.refusal(message.version() == http_1_1);
  request = {.method = std::string(text_of(message.method_string())),
             .target = std::string(text_of(message.target())),
             .headers = end_to_end(message),
             .body = {},
             .client = exchange.address};
  if (!request.target.starts_with('/')) refused = Refusal::malformed;
  if (!is_utf8(request)) refused = Refusal::not_utf8;
  remove_ours(request.headers);
  join_lines(request.headers, "x-forwarded-for");
  request.client = options_.trusted_proxies.client_of(exchange.address, request.headers);
  co_return true;
}

/// Whether the connection can take another request.
asio::awaitable<bool> GateProxy::exchange(Exchange& exchange) {
  if (exchange.refused) {
    auto refusal = co_await ask(input::Refused{*exchange.refused});
    exchange.ends = true;
    co_return co_await answer(exchange, std::move(refusal.response).value_or(problem(400, "Bad Request", "")));
  }
  const auto& message = exchange.parser.get();
  if (message.count(http::field::upgrade) > 0 || message.method() == http::verb::connect) {
    exchange.ends = true;
    co_return co_await answer(exchange,
                              problem(501, "Not Implemented",
                                      "This proxy passes no WebSocket and no other upgrade: a gate counts requests and answers."));
  }
  exchange.deadline = Clock::now() + options_.answer_time_max;
  static const auto nothing = std::make_shared<const std::vector<Header>>();
  if (options_.gate.empty()) co_return co_await pass_on(exchange, nothing, {});
  auto known_by = KnownPasses::key_of(exchange.request);
  const auto asked_at = Clock::now();
  if (auto known = known_by ? passes_.find(*known_by, asked_at) : nullptr) {
    co_return co_await pass_on(exchange, std::move(known), {});
  }
  auto visit = exchange.request;
  visit.headers.push_back({"lntpay-gate", options_.gate});
  auto admitted = co_await ask(input::Gate{std::move(visit)});
  if (admitted.pass) {
    const auto headers = std::make_shared<const std::vector<Header>>(std::move(admitted.response->headers));
    if (known_by) passes_.keep(std::move(*known_by), headers, asked_at);
    co_return co_await pass_on(exchange, headers, std::move(*admitted.pass));
  }
  if (!admitted.response) admitted.response = problem(503, "Service Unavailable", "The gate does not answer; try again.");
  co_return co_await answer(exchange, std::move(*admitted.response));
}

/// An answer of our own. What the client still has to say of its request is not read: then the connection ends.
asio::awaitable<bool> GateProxy::answer(Exchange& exchange, Response response) {
  const bool close = !exchange.keeps_alive() || draining_;
  const auto bytes = http_bytes(response, {.head_only = exchange.is_head(), .close = close});
  co_return co_await write_all(exchange.client, bytes, options_.piece_time_max) && !close;
}

asio::awaitable<Outcome> GateProxy::ask(Input input) {
  const auto start = [this](auto handler, Input asked) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    submit_(std::move(asked), [&io = io_, shared](Outcome outcome) {
      asio::post(io, [shared, outcome = std::move(outcome)]() mutable { std::move (*shared)(std::move(outcome)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(start, asio::use_awaitable,
                                                                                        std::move(input));
}

std::unique_ptr<Stream> GateProxy::idle_service() {
  while (!services_.empty()) {
    auto service = std::move(services_.back());
    services_.pop_back();
    if (is_alive(*service)) return service;
  }
  return nullptr;
}

asio::awaitable<std::unique_ptr<Stream>> GateProxy::connect() {
  auto service = std::make_unique<Stream>(io_);
  service->expires_after(options_.connect_time_max);
  const Tcp::endpoint there(asio::ip::make_address(options_.service_host), options_.service_port);
  const auto [error] = co_await service->async_connect(there, as_result);
  if (error) co_return nullptr;
  boost::system::error_code ignored;
  std::ignore = service->socket().set_option(Tcp::no_delay(true), ignored);
  co_return std::move(service);
}

/// What the service gets: the client's request, who it is from, and which redemption it is.
std::string GateProxy::head_for_service(Exchange& exchange, const std::vector<Header>& pass_headers) const {
  auto headers = exchange.request.headers;
  for (const auto* name : {"lntpay-redemption-id", "lntpay-reservation"}) {
    if (auto value = value_of(pass_headers, name); !value.empty()) headers.push_back({name, std::move(value)});
  }
  if (is_for_gates(value_of(headers, "authorization"))) remove_field(headers, "authorization");
  const auto forwarded = value_of(headers, "x-forwarded-for");
  remove_field(headers, "x-forwarded-for");
  headers.push_back({"x-forwarded-for", forwarded.empty() ? exchange.address : forwarded + ", " + exchange.address});
  if (value_of(headers, "x-forwarded-proto").empty()) headers.push_back({"x-forwarded-proto", "http"});
  if (value_of(headers, "host").empty()) headers.push_back({"host", options_.service_host});
  const auto& parser = exchange.parser;
  const auto length = parser.content_length();
  const SentFraming framing{.length = length ? std::optional<std::uint64_t>(*length) : std::nullopt, .chunked = parser.chunked()};
  return exchange.request.method + " " + exchange.request.target + " HTTP/1.1\r\n" + lines_of(headers) + framing.line() + "\r\n";
}

/// Hears the head of the answer, while the request's body is on its way.
asio::awaitable<Heard> GateProxy::hear_head(Exchange& exchange, Service& service) {
  for (;;) {
    auto& told = service.told.emplace();
    told.header_limit(service_head_bytes_max);
    told.body_limit(boost::none);
    told.skip(exchange.is_head());
    service.stream->expires_at(exchange.deadline);
    const auto [error, size] = co_await http::async_read_header(*service.stream, service.received, told, as_result);
    const auto status = told.get().result_int();
    if (error == beast::error::timeout) co_return Heard::late;
    // Closed before it said anything: a connection that was kept, most likely.
    if (error) co_return size == 0 && !told.got_some() ? Heard::closed : Heard::nothing;
    if (status == 101) co_return Heard::nothing;
    if (status / 100 != 1) co_return Heard::answer;
  }
}

asio::awaitable<Heard> GateProxy::hear(Exchange& exchange, Service& service, const std::string& head) {
  auto& parser = exchange.parser;
  if (!co_await write_all(*service.stream, head, options_.piece_time_max)) co_return Heard::closed;
  if (!parser.is_done()) {
    const bool waits = exchange.is_1_1() && ascii_lower(text_of(parser.get()[http::field::expect])) == "100-continue";
    if (waits && !co_await write_all(exchange.client, "HTTP/1.1 100 Continue\r\n\r\n", options_.piece_time_max))
      co_return Heard::nothing;
    service.upload.emplace(io_);
    const auto relayed = [this, &exchange, &service]() -> asio::awaitable<void> {
      const auto how = co_await relay(exchange.client, exchange.received, exchange.parser, *service.stream, {},
                                      exchange.parser.chunked(), options_.piece_time_max);
      // Half a request is none. (A service that answers before it has read everything is heard all the same.)
      service.upload->broke = how == Relayed::from_failed;
      if (service.upload->broke) service.stream->cancel();
    };
    asio::co_spawn(io_, relayed, [&service](const std::exception_ptr&) {
      service.upload->under_way = false;
      service.upload->ended.cancel();
    });
  }
  co_return co_await hear_head(exchange, service);
}

/// The body's way has an end, before what it uses has one.
asio::awaitable<void> GateProxy::end_upload(Exchange& exchange, Service& service) {
  if (!service.upload) co_return;
  if (service.upload->under_way) {
    exchange.ends = true;
    exchange.client.cancel();
    service.stream->cancel();
  }
  while (service.upload->under_way) co_await service.upload->ended.async_wait(as_result);
}

/// A connection that was kept may just have been closed: who asks without a body, and may ask twice, does so once more. Others get
/// a new one.
asio::awaitable<Heard> GateProxy::hear_service(Exchange& exchange, Service& service, const std::string& head) {
  const bool may_repeat = exchange.parser.is_done() && (exchange.request.method == "GET" || exchange.is_head());
  if (may_repeat) service.stream = idle_service();
  if (service.stream) {
    const auto heard = co_await hear(exchange, service, head);
    if (heard != Heard::closed) co_return heard;
  }
  service.received.clear();
  service.stream = co_await connect();
  co_return service.stream ? co_await hear(exchange, service, head) : Heard::nothing;
}

/// Whether the use is committed, or given back.
asio::awaitable<bool> GateProxy::redeem(const std::string& pass, bool served) {
  constexpr int tries = 3;
  constexpr std::chrono::milliseconds pause_time{100};
  if (pass.empty()) co_return true;  // nothing is counted
  for (int i = 0; i < tries; ++i) {
    const auto told = co_await ask(input::Redeemed{pass, served});
    if (told.response && told.response->status == 204) co_return true;
    asio::steady_timer pause(io_, pause_time);
    co_await pause.async_wait(as_result);
  }
  co_return false;
}

asio::awaitable<bool> GateProxy::pass_on(Exchange& exchange, PassHeaders pass_headers, std::string pass) {
  Service service;
  const auto heard = co_await hear_service(exchange, service, head_for_service(exchange, *pass_headers));
  const auto status = heard == Heard::answer ? service.told->get().result_int() : 0;
  const bool good = status >= 200 && status < 400;
  const bool told = co_await redeem(pass, good);  // before the answer's first byte
  bool goes_on = false;
  if (heard == Heard::answer && (told || !good)) {
    goes_on = co_await send_back(exchange, service, value_of(*pass_headers, "payment-receipt"));
    co_await end_upload(exchange, service);
    if (goes_on) keep(service);
  } else {
    const bool broke = service.upload && service.upload->broke;
    co_await end_upload(exchange, service);
    log_.warn("service_failed", {{"reached", service.stream != nullptr}, {"late", heard == Heard::late}, {"committed", told}});
    goes_on = co_await answer(exchange, failure(heard, broke));
  }
  co_return goes_on;
}

/// For the next request: only where nothing of this one is left on it.
void GateProxy::keep(Service& service) {
  const bool clean = service.told->get().keep_alive() && service.told->is_done() && service.received.size() == 0;
  if (!clean || draining_ || services_.size() >= options_.idle_services_max) return;
  service.stream->expires_never();
  services_.push_back(std::move(service.stream));
}

asio::awaitable<bool> GateProxy::send_back(Exchange& exchange, Service& service, std::string receipt) {
  auto& told = *service.told;
  const auto& message = told.get();
  const auto status = message.result_int();
  const bool no_body = exchange.is_head() || status == 204 || status == 304;
  const bool takes_chunks = exchange.is_1_1();
  const auto length = status == 204 ? boost::optional<std::uint64_t>() : told.content_length();
  const SentFraming framing{.length = length ? std::optional<std::uint64_t>(*length) : std::nullopt,
                            .chunked = !length && !no_body && takes_chunks};
  const bool until_close = !length && !no_body && !takes_chunks;
  const bool close = until_close || draining_ || !exchange.keeps_alive();  // also where the body is still on its way

  auto headers = end_to_end(message);
  if (!receipt.empty()) headers.push_back({"payment-receipt", std::move(receipt)});
  // What was paid for is for nobody else: no cache on the way keeps it.
  join_lines(headers, "cache-control");
  if (!ascii_lower(value_of(headers, "cache-control")).contains("no-store")) {
    remove_field(headers, "cache-control");
    headers.push_back({"cache-control", "private"});
  }
  auto head = "HTTP/1.1 " + std::to_string(status) + " " + std::string(text_of(message.reason())) + "\r\n" + lines_of(headers) +
              framing.line() + (close ? "connection: close\r\n" : "") + "\r\n";
  if (no_body) co_return co_await write_all(exchange.client, std::move(head), options_.piece_time_max) && !close;
  const auto relayed = co_await relay(*service.stream, service.received, told, exchange.client, std::move(head), framing.chunked,
                                      options_.piece_time_max);
  co_return relayed == Relayed::whole && !close;
}

std::expected<std::pair<std::string, std::uint16_t>, std::string> parse_service(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  const auto wrong = [&] { return std::unexpected(url + " is not http://ADDRESS:PORT with a numeric address"); };
  if (!url.starts_with(scheme)) return wrong();
  const auto address = parse_listen(url.substr(scheme.size()));
  if (!address) return wrong();
  boost::system::error_code error;
  asio::ip::make_address(address->host, error);
  if (error) return wrong();
  return std::pair(address->host, address->port);
}

}  // namespace lntpay::host
