// Relays the body of a message from one connection to another, piece by piece as it arrives.
#pragma once
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/http/connection.hpp"
#include "host-adapters/server/proxy/upstream_pool.hpp"

namespace lntpay::host {

inline constexpr std::size_t relay_bytes = 16 * 1024;  ///< of one piece

/// A piece of a body in `transfer-encoding: chunked` (RFC 9112, section 7.1).
inline std::string chunk_of(std::string_view bytes) {
  std::array<char, 20> size{};
  const auto end = std::to_chars(size.begin(), size.end(), bytes.size(), 16).ptr;
  return std::string(size.begin(), end).append("\r\n").append(bytes).append("\r\n");
}
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// Framing of a message that is sent: the length that the other side gave, or chunks.
struct SentFraming {
  std::optional<std::uint64_t> length;
  bool chunked = false;
  [[nodiscard]] std::string line() const {
    if (chunked) return "transfer-encoding: chunked\r\n";
    return length ? "content-length: " + std::to_string(*length) + "\r\n" : std::string();
  }
};

/// Fails with `boost::beast::error::timeout` if nothing came within that time.
template <class Parser>
boost::asio::awaitable<boost::system::error_code> read_piece(Connection& from, Parser& parser, std::chrono::seconds time_max) {
  from.read_within(time_max);
  auto stream = from.stream();
  const auto [error, size] = co_await boost::beast::http::async_read_some(stream, from.received(), parser, as_result);
  const bool late = error && from.timed_out();
  from.read_any_time();
  co_return late ? make_error_code(boost::beast::error::timeout) : error;
}

template <class Parser>
boost::asio::awaitable<boost::system::error_code> read_piece(UpstreamConnection& from, Parser& parser,
                                                             std::chrono::seconds time_max) {
  from.stream().expires_after(time_max);
  const auto [error, size] = co_await boost::beast::http::async_read_some(from.stream(), from.received(), parser, as_result);
  co_return error;
}

enum class Relayed : std::uint8_t { whole, from_failed, from_late, to_failed };

/// Sends `head` and then the rest of the message that `parser` reads. `head` goes out with the first piece if that was received
/// already, else at once. `time_max` is between two pieces.
template <class From, class To, class Parser>
boost::asio::awaitable<Relayed> relay(From& from, Parser& parser, To& to, std::string head, bool chunked,
                                      std::chrono::seconds time_max) {
  std::array<char, relay_bytes> piece{};
  while (!parser.is_done()) {
    if (!head.empty() && from.received().size() == 0) {
      if (!co_await to.write(std::exchange(head, {}), time_max)) co_return Relayed::to_failed;
    }
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    const auto error = co_await read_piece(from, parser, time_max);
    if (error == boost::beast::error::timeout) co_return Relayed::from_late;
    if (error && error != boost::beast::http::error::need_buffer) co_return Relayed::from_failed;
    const std::string_view bytes(piece.data(), piece.size() - body.size);
    if (bytes.empty()) continue;
    const bool written = co_await to.write(std::exchange(head, {}).append(chunked ? chunk_of(bytes) : bytes), time_max);
    if (!written) co_return Relayed::to_failed;
  }
  if (chunked) head += last_chunk;
  const bool ended = head.empty() || co_await to.write(std::move(head), time_max);
  co_return ended ? Relayed::whole : Relayed::to_failed;
}

}  // namespace lntpay::host
