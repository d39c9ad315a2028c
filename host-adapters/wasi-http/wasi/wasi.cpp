// Thin wrappers of the generated bindings, which also free the results that the bindings allocate.
#include "host-adapters/wasi-http/wasi/wasi.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/ascii.hpp"

namespace lntpay::wasi_http {
namespace {

constexpr std::uint64_t piece_bytes_max = 64 * 1024;
constexpr std::size_t blocking_write_bytes_max = 4'096;  // wasi:io
constexpr std::uint64_t ns_per_ms = 1'000'000;

std::string text_of(const std::uint8_t* bytes, std::size_t size) {
  return size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(bytes), size);
}

/// The piece for the end of a stream, proper or early.
std::string error_of(wasi_io_streams_stream_error_t& error) {
  std::string why;
  if (error.tag == WASI_IO_STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED) {
    edge_proxy_string_t text;
    wasi_io_error_method_error_to_debug_string(wasi_io_error_borrow_error(error.val.last_operation_failed), &text);
    why = taken(text);
    if (why.empty()) why = "the connection broke";
  }
  wasi_io_streams_stream_error_free(&error);
  return why;
}

}  // namespace

std::string taken(edge_proxy_string_t& text) {
  auto copy = text_of(text.ptr, text.len);
  edge_proxy_string_free(&text);
  return copy;
}

std::string taken(edge_proxy_list_u8_t& bytes) {
  auto copy = text_of(bytes.ptr, bytes.len);
  edge_proxy_list_u8_free(&bytes);
  return copy;
}

wasi_http_types_own_fields_t fields_of(const std::vector<Header>& headers) {
  std::vector<wasi_http_types_tuple2_field_name_field_value_t> entries;
  entries.reserve(headers.size());
  for (const auto& [name, value] : headers) {
    const auto bytes = borrowed(value);
    entries.push_back({borrowed(name), {bytes.ptr, bytes.len}});
  }
  wasi_http_types_list_tuple2_field_name_field_value_t list{entries.data(), entries.size()};
  wasi_http_types_own_fields_t fields;
  wasi_http_types_header_error_t refused;
  if (wasi_http_types_static_fields_from_list(&list, &fields, &refused)) return fields;
  wasi_http_types_header_error_free(&refused);
  // One by one, because the runtime rejects headers that belong to the connection (`connection`, `transfer-encoding`).
  fields = wasi_http_types_constructor_fields();
  for (auto& [name, value] : entries) {
    if (!wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(fields), &name, &value, &refused))
      wasi_http_types_header_error_free(&refused);
  }
  return fields;
}

std::vector<Header> headers_of(wasi_http_types_own_fields_t fields) {
  wasi_http_types_list_tuple2_field_name_field_value_t entries;
  wasi_http_types_method_fields_entries(wasi_http_types_borrow_fields(fields), &entries);
  std::vector<Header> headers;
  headers.reserve(entries.len);
  for (std::size_t i = 0; i < entries.len; ++i) {
    const auto& [name, value] = entries.ptr[i];
    headers.push_back({ascii_lower(text_of(name.ptr, name.len)), text_of(value.ptr, value.len)});
  }
  wasi_http_types_list_tuple2_field_name_field_value_free(&entries);
  wasi_http_types_fields_drop_own(fields);
  return headers;
}

Piece read_piece(const InputStream& stream) {
  const auto from = wasi_io_streams_borrow_input_stream(stream.get());
  edge_proxy_list_u8_t bytes;
  wasi_io_streams_stream_error_t error;
  if (wasi_io_streams_method_input_stream_read(from, piece_bytes_max, &bytes, &error)) return {.bytes = taken(bytes)};
  return {.ended = true, .error = error_of(error)};
}

bool write_piece(const OutputStream& stream, std::string_view& rest, bool block) {
  const auto to = wasi_io_streams_borrow_output_stream(stream.get());
  wasi_io_streams_stream_error_t error;
  std::uint64_t room = blocking_write_bytes_max;
  if (!block && !wasi_io_streams_method_output_stream_check_write(to, &room, &error)) {
    wasi_io_streams_stream_error_free(&error);
    return false;
  }
  const auto now = rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, rest.size())));
  if (now.empty()) return true;
  const auto bytes = borrowed(now);
  edge_proxy_list_u8_t content{bytes.ptr, bytes.len};
  const auto write =
      block ? wasi_io_streams_method_output_stream_blocking_write_and_flush : wasi_io_streams_method_output_stream_write;
  if (!write(to, &content, &error)) {
    wasi_io_streams_stream_error_free(&error);
    return false;
  }
  rest.remove_prefix(now.size());
  return true;
}

UnixMillis now() {
  wasi_clocks_wall_clock_datetime_t time;
  wasi_clocks_wall_clock_now(&time);
  return {time.seconds * 1'000 + time.nanoseconds / ns_per_ms};
}

Moment moment() {
  Moment at{.now = now()};
  edge_proxy_list_u8_t bytes;
  wasi_random_random_get_random_bytes(sizeof(at.entropy), &bytes);
  std::memcpy(at.entropy.data(), bytes.ptr, sizeof(at.entropy));
  edge_proxy_list_u8_free(&bytes);
  return at;
}

EnvironmentVariables environment() {
  edge_proxy_list_tuple2_string_string_t variables;
  wasi_cli_environment_get_environment(&variables);
  EnvironmentVariables all;
  for (std::size_t i = 0; i < variables.len; ++i) {
    const auto& [name, value] = variables.ptr[i];
    all.emplace_back(text_of(name.ptr, name.len), text_of(value.ptr, value.len));
  }
  edge_proxy_list_tuple2_string_string_free(&variables);
  return all;
}

void log_line(std::string_view line) {
  const OutputStream out(wasi_cli_stderr_get_stderr());
  const auto text = "lntpay: " + std::string(line) + "\n";
  for (std::string_view rest = text; !rest.empty() && write_piece(out, rest, true);) {
  }
}

Uptime uptime() { return {static_cast<std::int64_t>(wasi_clocks_monotonic_clock_now() / ns_per_ms)}; }

void wait_for(const std::vector<wasi_io_poll_borrow_pollable_t>& any, std::optional<Millis> at_most) {
  auto all = any;
  Pollable timer;
  if (at_most) {
    timer = Pollable(wasi_clocks_monotonic_clock_subscribe_duration(
        static_cast<std::uint64_t>(std::max<std::int64_t>(at_most->value, 0)) * ns_per_ms));
    all.push_back(wasi_io_poll_borrow_pollable(timer.get()));
  }
  if (all.empty()) return;
  wasi_io_poll_list_borrow_pollable_t list{all.data(), all.size()};
  edge_proxy_list_u32_t ready;
  wasi_io_poll_poll(&list, &ready);
  edge_proxy_list_u32_free(&ready);
}

}  // namespace lntpay::wasi_http
