// The socket operations of a connection.
#include "host-adapters/server/http/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <tuple>
#include <utility>

#include "host-adapters/server/http/asio.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;

constexpr std::size_t read_bytes_min = 2 * 1024;
constexpr std::size_t read_bytes_max = 64 * 1024;
constexpr std::size_t linger_bytes_max = 1024 * 1024;
constexpr std::chrono::milliseconds linger_time_max{2'000};

}  // namespace

Connection::Connection(Tcp::socket socket, std::string address, const ConnectionOptions& options)
    : socket_(std::move(socket)),
      address_(std::move(address)),
      received_(options.received_bytes_max),
      when_late_(options.when_late) {}

asio::awaitable<bool> Connection::handshake(std::shared_ptr<TlsContext> tls, std::chrono::milliseconds time_max) {
  phase_ = Phase::idle;
  tls_context_ = std::move(tls);
  tls_.emplace(socket_, tls_context_->context());
  read_within(time_max);
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, as_result);
  end_request();
  co_return !error;
}

asio::awaitable<std::expected<std::size_t, Connection::NoHead>> Connection::read_head(HttpLimits limits, HeadTimes times) {
  phase_ = Phase::idle;
  read_within(times.idle);
  auto size = co_await scan_head(limits, times);
  if (size) {
    phase_ = Phase::body;
  } else {
    end_request();
  }
  co_return size;
}

asio::awaitable<std::expected<std::size_t, Connection::NoHead>> Connection::scan_head(HttpLimits limits, HeadTimes times) {
  HeadScanner scanner(limits);
  for (;;) {
    while (received_text().starts_with("\r\n")) received_.consume(2);  // RFC 9112 section 2.2: empty lines before a request
    const bool maybe_empty_line = received_text() == "\r";
    if (!maybe_empty_line) {
      if (auto refused = scanner.scan(received_text())) co_return std::unexpected(*refused);
      if (const auto size = scanner.head_size()) co_return *size;
    }
    if (phase_ == Phase::idle && received_.size() > 0) {
      phase_ = Phase::head;
      if (times.head) read_within(*times.head);
    }
    if (phase_ == Phase::idle && draining_) co_return std::unexpected(Closed{});
    if (!co_await read_some()) {
      const bool can_respond = timed_out_ && phase_ == Phase::head && when_late_ == WhenLate::cancel;
      co_return std::unexpected(can_respond ? NoHead(Refusal::timed_out) : Closed{});
    }
  }
}

asio::awaitable<bool> Connection::read_some() {
  const auto size = received_.size();
  const auto room = std::min(std::clamp(size, read_bytes_min, read_bytes_max), received_.max_size() - size);
  auto from = stream();
  const auto [error, read] = co_await from.async_read_some(received_.prepare(room), as_result);
  received_.commit(error ? 0 : read);
  co_return !error;
}

void Connection::end_request() {
  phase_ = Phase::handling;
  read_any_time();
  if (received_.size() == 0) received_.shrink_to_fit();  // long polls are many: they keep no room to read into
}

asio::awaitable<bool> Connection::write(std::string bytes, std::chrono::milliseconds time_max, std::string_view more) {
  write_deadline_ = Clock::now() + time_max;
  auto to = stream();
  const auto [error, size] =
      co_await asio::async_write(to, std::array{asio::buffer(std::as_const(bytes)), asio::buffer(more)}, as_result);
  write_deadline_ = Clock::time_point::max();
  co_return !error;
}

asio::awaitable<void> Connection::linger() {
  boost::system::error_code ignored;
  if (tls_) {  // announces the end (RFC 8446, section 6.1), and awaits the peer's
    read_within(linger_time_max);
#ifndef __clang_analyzer__  // which takes a frame that Asio has linked for an uninitialised one
    co_await tls_->async_shutdown(as_result);
#endif
  }
  read_within(linger_time_max);
  std::ignore = socket_.shutdown(Tcp::socket::shutdown_send, ignored);
  std::array<char, 4 * 1024> rest{};
  for (std::size_t total = 0; total < linger_bytes_max;) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(rest), as_result);
    if (error) co_return;
    total += size;
  }
}

void Connection::read_by(Clock::time_point deadline) {
  read_deadline_ = deadline;
  timed_out_ = false;
}

void Connection::cancel() {
  boost::system::error_code ignored;
  std::ignore = socket_.cancel(ignored);
}

void Connection::close() {
  boost::system::error_code ignored;
  std::ignore = socket_.close(ignored);
}

void Connection::check_deadlines(Clock::time_point now) {
  if (now < read_deadline_ && now < write_deadline_) return;
  read_any_time();
  write_deadline_ = Clock::time_point::max();
  timed_out_ = true;
  if (when_late_ == WhenLate::close) {
    close();
  } else {
    cancel();
  }
}

void Connection::drain(Phase last) {
  draining_ = true;
  if (phase_ <= last) cancel();
}

std::string_view Connection::received_text() const {
  const auto bytes = received_.data();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace lntpay::host
