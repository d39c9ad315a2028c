// WASI for C++: resources dropped by destructors, strings, clocks, random numbers, the operator's log.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/storage/effect.hpp"
#include "host-adapters/wasi-http/wasi/gen/edge_proxy.h"
#include "host-adapters/wasi-http/wasi_settings.hpp"

namespace lntpay::wasi_http {

/// Owns a handle, or none. A resource must be dropped before its parent: declare members in the order of creation.
template <class Own, void (*drop)(Own)>
class Resource {
 public:
  Resource() = default;
  explicit Resource(Own own) : own_(own) {}
  Resource(Resource&& other) noexcept : own_(std::exchange(other.own_, std::nullopt)) {}
  Resource& operator=(Resource&& other) noexcept {
    if (this != &other) {
      reset();
      own_ = std::exchange(other.own_, std::nullopt);
    }
    return *this;
  }
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;
  ~Resource() { reset(); }

  explicit operator bool() const { return own_.has_value(); }
  [[nodiscard]] Own get() const { return *own_; }
  Own release() { return *std::exchange(own_, std::nullopt); }
  void reset() {
    if (own_) drop(*std::exchange(own_, std::nullopt));
  }

 private:
  std::optional<Own> own_;
};

using Pollable = Resource<wasi_io_poll_own_pollable_t, wasi_io_poll_pollable_drop_own>;
using InputStream = Resource<wasi_io_streams_own_input_stream_t, wasi_io_streams_input_stream_drop_own>;
using OutputStream = Resource<wasi_io_streams_own_output_stream_t, wasi_io_streams_output_stream_drop_own>;
using IncomingBody = Resource<wasi_http_types_own_incoming_body_t, wasi_http_types_incoming_body_drop_own>;
using OutgoingBody = Resource<wasi_http_types_own_outgoing_body_t, wasi_http_types_outgoing_body_drop_own>;

/// For the duration of a call; the text must outlive it.
inline edge_proxy_string_t borrowed(std::string_view text) {
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())), text.size()};
}
/// Copies and frees a result of a call.
std::string taken(edge_proxy_string_t& text);
std::string taken(edge_proxy_list_u8_t& bytes);

wasi_http_types_own_fields_t fields_of(const std::vector<Header>& headers);
/// With names in lower case.
std::vector<Header> headers_of(wasi_http_types_own_fields_t fields);

/// The bytes that can be read from a stream now.
struct Piece {
  std::string bytes;
  bool ended = false;
  std::string error;  ///< why it ended early; empty at its proper end
};
Piece read_piece(const InputStream& stream);
/// Writes as much as the stream accepts now; `block` waits until it accepts some. False: the stream is closed.
bool write_piece(const OutputStream& stream, std::string_view& rest, bool block);

UnixMillis now();
Moment moment();
EnvironmentVariables environment();
/// Writes a line to the operator's log. It must not contain secrets.
void log_line(std::string_view line);

/// A time of the monotonic clock, for timeouts.
struct Uptime {
  std::int64_t ms = 0;
  constexpr auto operator<=>(const Uptime&) const = default;
  friend constexpr Uptime operator+(Uptime at, Millis by) { return {at.ms + by.value}; }
  friend constexpr Millis operator-(Uptime later, Uptime earlier) { return {later.ms - earlier.ms}; }
};
Uptime uptime();
/// Waits until a pollable is ready or the time has passed.
void wait_for(const std::vector<wasi_io_poll_borrow_pollable_t>& any, std::optional<Millis> at_most);

}  // namespace lntpay::wasi_http
