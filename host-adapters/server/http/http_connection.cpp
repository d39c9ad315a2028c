// The life of a connection: requests are read (http_request.cpp), answered, written, one after the other.
#include "host-adapters/server/http/http_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <tuple>
#include <utility>

#include "host-adapters/common/message_utf8.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/host_responses.hpp"
#include "host-adapters/server/http/http_response.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::size_t linger_bytes_max = 1024 * 1024;
constexpr milliseconds linger_time_max{2'000};

std::string header(const Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &Header::name);
  return found == response.headers.end() ? std::string() : found->value;
}

}  // namespace

HttpConnection::HttpConnection(HttpServer& server, asio::ip::tcp::socket socket, std::string client)
    : server_(server), socket_(std::move(socket)), client_(std::move(client)), since_(Clock::now()) {}

asio::awaitable<void> HttpConnection::serve() {
  co_await serve_requests();
  boost::system::error_code ignored;
  std::ignore = socket_.close(ignored);
}

asio::awaitable<void> HttpConnection::turn_away() {
  if (const auto response = co_await answer(input::Refused{Refusal::overloaded})) {
    server_.metrics().count_response(response->status, 0);
    co_await write(http_bytes(*response, {.close = true}));
  }
  boost::system::error_code ignored;
  std::ignore = socket_.close(ignored);
}

asio::awaitable<void> HttpConnection::serve_requests() {
  for (;;) {
    auto read = co_await read_request();
    if (!read) {
      const auto* why = std::get_if<Refusal>(&read.error());
      if (why != nullptr && co_await refuse(*why)) co_await linger();
      co_return;
    }
    auto response = own_page(read->request, server_.metrics(), server_.next_moment());
    const bool head_only = read->request.method == "HEAD";
    Input input = is_utf8(read->request) ? Input(input::Http{std::move(read->request)}) : Input(input::Refused{Refusal::not_utf8});
    note(input);
    if (!response) response = co_await answer(std::move(input));
    if (!response) co_return;
    const bool close = !read->keep_alive || half_closed_ || server_.draining();
    const bool written = co_await write(http_bytes(*response, {.head_only = head_only, .close = close}));
    record(*response);
    if (!written) co_return;
    if (close) {
      if (!half_closed_) co_await linger();
      co_return;
    }
    first_ = false;
  }
}

asio::awaitable<std::optional<Response>> HttpConnection::answer(Input input) {
  enter(Phase::answer, std::nullopt);
  if (received_.empty()) std::string().swap(received_);  // long polls are many: they keep no room to read into
  const auto start = [this](auto handler, Input asked) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    waiting_ = [shared](std::optional<Response> response) { std::move (*shared)(std::move(response)); };
    number_ = server_.expect_answer(*this);
    ticket_ = server_.worker().submit(
        std::move(asked), [&server = server_, number = number_](Outcome outcome) { server.answer(number, std::move(outcome)); });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::optional<Response>)>(start, asio::use_awaitable,
                                                                                                        std::move(input));
}

asio::awaitable<bool> HttpConnection::write(std::string bytes) {
  enter(Phase::write, server_.options().write_time_max + milliseconds(bytes.size() * 1'000 / 1'024));
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), as_result);
  co_return !error;
}

asio::awaitable<bool> HttpConnection::refuse(Refusal why) {
  note(input::Refused{why});
  const auto response = co_await answer(input::Refused{why});
  if (!response) co_return false;
  const bool written = co_await write(http_bytes(*response, {.close = true}));
  record(*response);
  co_return written;
}

/// A socket that is closed while bytes wait in it makes the system reset the connection, and the client may lose the answer.
asio::awaitable<void> HttpConnection::linger() {
  boost::system::error_code ignored;
  std::ignore = socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  enter(Phase::linger, linger_time_max);
  std::array<char, 4 * 1024> rest{};
  for (std::size_t total = 0; total < linger_bytes_max;) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(rest), as_result);
    if (error) co_return;
    total += size;
  }
}

void HttpConnection::enter(Phase phase, std::optional<milliseconds> time) {
  phase_ = phase;
  since_ = Clock::now();
  deadline_ = time ? since_ + *time : Clock::time_point::max();
  timed_out_ = false;
}

void HttpConnection::answered(Outcome outcome) {
  if (!outcome.response) outcome.response = own_refusal(Refusal::engine_lost, server_.next_moment());
  std::exchange(waiting_, nullptr)(std::move(outcome.response));
}

void HttpConnection::check_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  deadline_ = Clock::time_point::max();
  if (phase_ == Phase::answer) {  // half-closed for too long
    server_.worker().cancel(ticket_);
    server_.expect_no_answer(number_);
    if (waiting_) asio::post(socket_.get_executor(), [done = std::exchange(waiting_, nullptr)] { done(std::nullopt); });
    return;
  }
  timed_out_ = true;
  boost::system::error_code ignored;
  std::ignore = socket_.cancel(ignored);
}

void HttpConnection::close_if_idle() {
  if (phase_ == Phase::idle) deadline_ = Clock::time_point::min();
  if (phase_ == Phase::idle) check_deadline(Clock::now());
}

void HttpConnection::hung_up(bool gone, Clock::time_point now) {
  half_closed_ = true;
  if (gone) {
    deadline_ = now;
    check_deadline(now);
  } else {
    deadline_ = std::min(deadline_, now + server_.options().half_closed_max);
  }
}

void HttpConnection::note(const Input& input) {
  noted_ = {};
  const auto* http = std::get_if<input::Http>(&input);
  if (http == nullptr || !server_.log().enabled(LogLevel::info)) return;
  noted_ = {http->request.method, loggable_path(http->request.target), server_.placing().place(input)};
}

void HttpConnection::record(const Response& response) {
  const auto took = Clock::now() - since_request_;
  const auto micros = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  server_.metrics().count_response(response.status, micros);
  server_.log().info("request", {{"method", noted_.method},
                                 {"path", noted_.path},
                                 {"status", response.status},
                                 {"duration_ms", static_cast<double>(micros) / 1e3},
                                 {"request_id", header(response, "request-id")},
                                 {"shard", noted_.shard},
                                 {"client", client_}});
}

}  // namespace lntpay::host
