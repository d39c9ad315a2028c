// The words for libcurl's codes, and for the errors of sockets and of OpenSSL behind them.
#include "host-adapters/server/outbound/failure_reason.hpp"

#include <cerrno>
#include <optional>

namespace lntpay::host {
namespace {

constexpr std::string_view connection_closed = "connection closed";

std::string closed_reason(Progress progress) {
  return std::string(connection_closed).append(progress == Progress::receiving_head ? " within the response head" : "");
}

/// nullopt for an error that means nothing to the server's owner.
std::optional<std::string_view> socket_reason(int os_error) {
  switch (os_error) {
    case ECONNREFUSED: return "connection refused";
    case ECONNRESET:
    case EPIPE: return "connection reset";
    case ETIMEDOUT: return "timed out while connecting";
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EADDRNOTAVAIL: return "no route to the address";
    default: return std::nullopt;
  }
}

/// "wrong version number" of "OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number, errno 0".
std::optional<std::string_view> tls_reason(std::string_view detail) {
  constexpr std::string_view before = "SSL routines::";
  const auto at = detail.find(before);
  if (at == detail.npos) return std::nullopt;
  detail.remove_prefix(at + before.size());
  return detail.substr(0, detail.find(','));
}

std::string handshake_reason(const CurlFailure& failure) {
  std::string_view cause = connection_closed;
  if (const auto tls = tls_reason(failure.detail)) cause = *tls;
  if (const auto socket = socket_reason(failure.os_error)) cause = *socket;
  return std::string("TLS handshake failed: ").append(cause);
}

std::string sending_or_receiving_reason(const CurlFailure& failure) {
  if (const auto socket = socket_reason(failure.os_error)) return std::string(*socket);
  if (const auto tls = tls_reason(failure.detail)) {
    if (tls->contains("unexpected eof")) return std::string(connection_closed);
    return std::string("TLS failed: ").append(*tls);
  }
  if (failure.code == CURLE_RECV_ERROR && failure.progress == Progress::receiving_body) return "malformed response body";
  return std::string(connection_closed);
}

}  // namespace

std::string failure_reason(const CurlFailure& failure) {
  switch (failure.code) {
    case CURLE_OK:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE: return closed_reason(failure.progress);
    case CURLE_COULDNT_CONNECT: return std::string(socket_reason(failure.os_error).value_or("no connection"));
    case CURLE_OPERATION_TIMEDOUT: return timeout_reason(failure.progress);
    case CURLE_SSL_CONNECT_ERROR: return handshake_reason(failure);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return sending_or_receiving_reason(failure);
    case CURLE_UNSUPPORTED_PROTOCOL: return "the response is not HTTP/1.x";
    case CURLE_WEIRD_SERVER_REPLY: return "malformed response head";
    case CURLE_BAD_CONTENT_ENCODING: return "unknown transfer coding";
    default: return curl_easy_strerror(failure.code);
  }
}

std::string timeout_reason(Progress progress) {
  switch (progress) {
    case Progress::connecting: return "timed out while connecting";
    case Progress::in_handshake: return "timed out in the TLS handshake";
    case Progress::awaiting_head:
    case Progress::receiving_head:
    case Progress::receiving_body: break;
  }
  return "timed out";
}

std::string large_head(std::size_t bytes_max) { return "response head larger than " + std::to_string(bytes_max / 1'024) + " KiB"; }

}  // namespace lntpay::host
