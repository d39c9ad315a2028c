// Why an exchange failed, in words for the owner of the server that it went to.
#pragma once
#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lntpay::host {

/// How far an exchange came.
enum class Progress : std::uint8_t {
  connecting,      ///< no TCP connection
  in_handshake,    ///< a TCP connection, and no byte of the request sent
  awaiting_head,   ///< the request was sent, at least a part of it; no byte of a response
  receiving_head,  ///< a part of the response's head
  receiving_body,
};

/// A transfer that libcurl ended.
struct CurlFailure {
  CURLcode code = CURLE_OK;
  int os_error = 0;           ///< errno, or 0
  std::string_view detail{};  ///< libcurl's error buffer
  Progress progress{};
};

/// "connection refused", "TLS handshake failed: wrong version number", "connection closed". It names no address and no path. A
/// refused certificate is `certificate_failure` (certificate.hpp), a head over the limit is `large_head`.
std::string failure_reason(const CurlFailure& failure);
/// The reason of an exchange that exceeded its time: "timed out while connecting", "timed out in the TLS handshake", "timed out".
std::string timeout_reason(Progress progress);
/// "response head larger than 64 KiB"
std::string large_head(std::size_t bytes_max);

}  // namespace lntpay::host
