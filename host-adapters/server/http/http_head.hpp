// The head of a request, checked byte by byte before any parser sees it: RFC 9112 without its tolerances, and our limits.
//
// Requests are smuggled through heads that two parsers read differently; so bare LF, NUL, obs-fold, space before a colon, and a
// body framed twice end the connection.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "edge/contract/contract.hpp"
#include "edge/http/request_limits.hpp"

namespace lntpay::host {

struct HttpLimits {
  std::size_t head_bytes_max = request_limits::head_bytes_max;  ///< request line, fields and the empty line
  std::size_t target_bytes_max = request_limits::target_bytes_max;
  std::size_t fields_max = request_limits::fields_max;
  std::size_t body_bytes_max = request_limits::body_bytes_max;
};

/// Reads each byte once, in whatever parts the head arrives.
class HeadScanner {
 public:
  explicit HeadScanner(const HttpLimits& limits) : limits_(limits) {}

  /// `received` is all that was received of the head so far, including bytes already scanned. Returns the reason to refuse the
  /// request, or nothing.
  std::optional<Refusal> scan(std::string_view received);
  /// The size of the complete head, after its empty line.
  [[nodiscard]] std::optional<std::size_t> head_size() const { return done_ ? std::optional(scanned_) : std::nullopt; }

 private:
  enum class At : std::uint8_t { method, target, version, name_start, name, value, cr, end_cr };

  std::optional<Refusal> take(char c);

  HttpLimits limits_;
  At at_ = At::method;
  std::size_t scanned_ = 0;
  std::size_t target_bytes_ = 0;
  std::size_t fields_ = 0;
  bool done_ = false;
};

/// How the fields of a head frame its body; refused where RFC 9112 section 6 leaves room for two readings.
class Framing {
 public:
  void content_length(std::string_view value);
  void transfer_encoding(std::string_view value);
  void content_encoding(std::string_view value);
  void host();

  [[nodiscard]] std::optional<Refusal> refusal(bool is_1_1) const;

 private:
  int lengths_ = 0;
  int transfers_ = 0;
  int hosts_ = 0;
  bool well_formed_ = true;
  bool encoded_ = false;
};

}  // namespace lntpay::host
