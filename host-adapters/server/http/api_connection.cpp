// Reads requests (api_request.cpp), submits them to the engine and writes the responses, one after the other.
#include "host-adapters/server/http/api_connection.hpp"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>
#include <variant>

#include "host-adapters/common/message_utf8.hpp"
#include "host-adapters/server/engine/refusal_response.hpp"
#include "host-adapters/server/http/host_responses.hpp"
#include "host-adapters/server/http/http_response.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

std::string header(const Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &Header::name);
  return found == response.headers.end() ? std::string() : found->value;
}

}  // namespace

asio::awaitable<void> ApiConnection::turn_away() {
  if (const auto response = co_await answer(input::Refused{Refusal::overloaded})) {
    server_.metrics().count_response(response->status, 0);
    co_await write(http_bytes(*response, {.close = true}));
  }
}

asio::awaitable<void> ApiConnection::serve() {
  for (;;) {
    auto read = co_await read_request();
    connection_.end_request();
    if (!read) {
      const auto* why = std::get_if<Refusal>(&read.error());
      if (why != nullptr && co_await refuse(*why)) co_await connection_.linger();
      co_return;
    }
    auto page = own_page(read->request, server_.options().files, server_.metrics(), server_.next_moment());
    const bool head_only = read->request.method == "HEAD";
    Input input = is_utf8(read->request) ? Input(input::Http{std::move(read->request)}) : Input(input::Refused{Refusal::not_utf8});
    note(input);
    const auto file = page ? page->body : std::string_view();
    auto response = page ? std::optional(std::move(page->head)) : co_await answer(std::move(input));
    if (!response) co_return;
    const bool close = !read->keep_alive || half_closed_ || connection_.draining();
    const bool written = co_await write(http_bytes(*response, {.head_only = head_only, .close = close, .more_bytes = file.size()}),
                                        head_only ? std::string_view() : file);
    record(*response);
    if (!written) co_return;
    if (close) {
      if (!half_closed_) co_await connection_.linger();
      co_return;
    }
    first_ = false;
  }
}

asio::awaitable<std::optional<Response>> ApiConnection::answer(Input input) {
  waits_since_ = Clock::now();
  patience_ends_ = Clock::time_point::max();
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

asio::awaitable<bool> ApiConnection::write(std::string bytes, std::string_view more) {
  const auto time_max = server_.options().write_time_max + milliseconds((bytes.size() + more.size()) * 1'000 / 1'024);
  co_return co_await connection_.write(std::move(bytes), time_max, more);
}

asio::awaitable<bool> ApiConnection::refuse(Refusal why) {
  note(input::Refused{why});
  const auto response = co_await answer(input::Refused{why});
  if (!response) co_return false;
  const bool written = co_await write(http_bytes(*response, {.close = true}));
  record(*response);
  co_return written;
}

void ApiConnection::answered(Outcome outcome) {
  if (!outcome.response) outcome.response = own_refusal(Refusal::engine_lost, server_.next_moment());
  std::exchange(waiting_, nullptr)(std::move(outcome.response));
}

void ApiConnection::check_patience(Clock::time_point now) {
  if (now < patience_ends_) return;
  server_.worker().cancel(ticket_);
  server_.expect_no_answer(number_);
  if (waiting_) asio::post(connection_.socket().get_executor(), [done = std::exchange(waiting_, nullptr)] { done(std::nullopt); });
}

void ApiConnection::hung_up(bool gone, Clock::time_point now) {
  half_closed_ = true;
  patience_ends_ = gone ? now : std::min(patience_ends_, now + server_.options().half_closed_max);
  if (gone) check_patience(now);
}

void ApiConnection::note(const Input& input) {
  noted_ = {};
  const auto* http = std::get_if<input::Http>(&input);
  if (http == nullptr || !server_.log().enabled(LogLevel::info)) return;
  noted_ = {http->request.method, loggable_path(http->request.target), server_.placing().place(input)};
}

void ApiConnection::record(const Response& response) {
  const auto took = Clock::now() - since_request_;
  const auto micros = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  server_.metrics().count_response(response.status, micros);
  server_.log().info("request", {{"method", noted_.method},
                                 {"path", noted_.path},
                                 {"status", response.status},
                                 {"duration_ms", static_cast<double>(micros) / 1e3},
                                 {"request_id", header(response, "request-id")},
                                 {"shard", noted_.shard},
                                 {"client", connection_.address()}});
}

}  // namespace lntpay::host
