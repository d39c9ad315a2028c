// Status line, headers, Date, framing, body.
#include "host-adapters/server/http/http_response.hpp"

#include <ostream>  // Beast 1.81's status.hpp needs it and does not include it

#include <array>
#include <boost/beast/http/status.hpp>
#include <ctime>
#include <string_view>

#include "core/base/ascii.hpp"

namespace lntpay::host {
namespace {

bool is_framing(std::string_view name) { return name == "content-length" || name == "connection" || name == "transfer-encoding"; }

/// RFC 9110 section 6.6.1; made once a second.
std::string_view date_now() {
  thread_local std::time_t made_at = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at || size == 0) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made_at = now;
  }
  return {text.data(), size};
}

}  // namespace

std::string http_bytes(const Response& response, const ResponseForm& form) {
  const bool no_body = response.status == 204 || response.status == 304;
  std::string bytes;
  bytes.reserve(256 + response.headers.size() * 48 + response.body.size());
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  bytes.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reason.data(), reason.size()).append("\r\n");
  for (const Header& header : response.headers) {
    if (is_framing(header.name) || !is_one_line(header.name) || !is_one_line(header.value)) continue;
    bytes.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  bytes.append("date: ").append(date_now()).append("\r\n");
  if (!no_body) bytes.append("content-length: ").append(std::to_string(response.body.size() + form.more_bytes)).append("\r\n");
  if (form.close) bytes.append("connection: close\r\n");
  bytes.append("\r\n");
  if (!form.head_only && !no_body) bytes.append(response.body);
  return bytes;
}

}  // namespace lntpay::host
