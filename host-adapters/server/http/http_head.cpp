// A state machine over the bytes of a head.
#include "host-adapters/server/http/http_head.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace lntpay::host {
namespace {

/// RFC 9110 section 5.6.2: the characters of methods and field names.
bool is_token(char c) { return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c); }

}  // namespace

std::optional<Refusal> HeadScanner::scan(std::string_view received) {
  while (!done_ && scanned_ < received.size()) {
    const char c = received[scanned_++];
    if (auto refused = take(c)) return refused;
    if (scanned_ > limits_.head_bytes_max) return Refusal::headers_too_large;
  }
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::take(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  const bool is_control = byte < 0x20 || byte == 0x7F;
  switch (at_) {
    case At::method:
      if (c == ' ' && scanned_ > 1) {
        at_ = At::target;
        return std::nullopt;
      }
      return is_token(c) ? std::nullopt : std::optional(Refusal::malformed);
    case At::target:
      if (c == ' ' && target_bytes_ > 0) {
        at_ = At::version;
        return std::nullopt;
      }
      if (is_control || c == ' ') return Refusal::malformed;
      return ++target_bytes_ > limits_.target_bytes_max ? std::optional(Refusal::target_too_long) : std::nullopt;
    case At::version:
      if (c == '\r') at_ = At::cr;
      return is_control && c != '\r' ? std::optional(Refusal::malformed) : std::nullopt;
    case At::name_start:
      if (c == '\r') {
        at_ = At::end_cr;
        return std::nullopt;
      }
      if (!is_token(c)) return Refusal::malformed;  // a space or tab here would be obs-fold
      at_ = At::name;
      return ++fields_ > limits_.fields_max ? std::optional(Refusal::headers_too_large) : std::nullopt;
    case At::name:
      if (c == ':') {
        at_ = At::value;
        return std::nullopt;
      }
      return is_token(c) ? std::nullopt : std::optional(Refusal::malformed);
    case At::value:
      if (c == '\r') at_ = At::cr;
      return is_control && c != '\r' && c != '\t' ? std::optional(Refusal::malformed) : std::nullopt;
    case At::cr: at_ = At::name_start; return c == '\n' ? std::nullopt : std::optional(Refusal::malformed);
    case At::end_cr: done_ = c == '\n'; return done_ ? std::nullopt : std::optional(Refusal::malformed);
  }
  return Refusal::malformed;
}

void Framing::content_length(std::string_view value) {
  ++lengths_;
  const bool digits = !value.empty() && value.size() <= 18 && std::ranges::all_of(value, is_digit);
  well_formed_ = well_formed_ && digits;
}

void Framing::transfer_encoding(std::string_view value) {
  ++transfers_;
  well_formed_ = well_formed_ && equal_ignoring_case(value, "chunked");
}

void Framing::content_encoding(std::string_view value) { encoded_ = encoded_ || !equal_ignoring_case(value, "identity"); }

void Framing::host() { ++hosts_; }

std::optional<Refusal> Framing::refusal(bool is_1_1) const {
  if (!well_formed_ || lengths_ + transfers_ > 1) return Refusal::malformed;
  if (transfers_ > 0 && !is_1_1) return Refusal::malformed;
  if (hosts_ > 1 || (is_1_1 && hosts_ == 0)) return Refusal::malformed;  // RFC 9112 section 3.2
  if (encoded_) return Refusal::coding;
  return std::nullopt;
}

}  // namespace lntpay::host
