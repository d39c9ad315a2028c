// Limits of a request, which every host enforces before the engine sees it: 414, 431 and 413 above them.
//
// This is their only definition in C++. host-adapters/js/limits.mjs repeats it for the hosts in JavaScript, and a test compares the
// two. The server counts the head as received: request line, fields and the empty line. Hosts that get a parsed request
// (JavaScript, wasi:http) count the target and the fields.
#pragma once
#include <cstddef>

namespace lntpay::request_limits {

inline constexpr std::size_t head_bytes_max = std::size_t{16} * 1'024;
inline constexpr std::size_t target_bytes_max = std::size_t{8} * 1'024;
inline constexpr std::size_t fields_max = 100;
inline constexpr std::size_t body_bytes_max = std::size_t{256} * 1'024;

}  // namespace lntpay::request_limits
