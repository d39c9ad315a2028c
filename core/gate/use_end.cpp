// The table of responses, and resolving a Location.
#include "core/gate/use_end.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace lntpay {
namespace {

constexpr bool is_redirect(std::uint16_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// A host as one spelling: without case and without the port of the scheme.
std::string host_of(std::string_view authority) {
  for (const std::string_view port : {":80", ":443"}) {
    if (authority.ends_with(port)) authority.remove_suffix(port.size());
  }
  return ascii_lower(authority);
}

/// Removes `.` and `..` segments (RFC 3986, section 5.2.4).
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    path.remove_prefix(1);  // its slash
    const auto end = std::min(path.find('/'), path.size());
    const auto segment = path.substr(0, end);
    const bool is_last = end == path.size();
    path.remove_prefix(end);
    if (segment == "..") out.resize(out.empty() ? 0 : out.rfind('/'));
    if (segment != "." && segment != "..") {
      out.append("/").append(segment);
    } else if (is_last) {
      out += '/';
    }
  }
  return out.empty() ? "/" : out;
}

/// Removes "https://host", "//host", and yields whether the rest is on this host.
bool cut_same_host(std::string_view& location, std::string_view host) {
  const auto slashes = location.find("//");
  const auto scheme = location.substr(0, std::min(slashes, location.size()));
  const bool has_authority = scheme.empty() || equal_ignoring_case(scheme, "http:") || equal_ignoring_case(scheme, "https:");
  if (slashes == std::string_view::npos || !has_authority) return !location.substr(0, location.find_first_of("/?#")).contains(':');
  location.remove_prefix(slashes + 2);
  const auto end = std::min(location.find_first_of("/?#"), location.size());
  const auto authority = location.substr(0, end);
  location.remove_prefix(end);
  return !host.empty() && host_of(authority) == host_of(host);
}

}  // namespace

std::optional<std::string> path_on_same_host(const ServedRequest& request, std::string_view location) {
  location = trimmed(location);
  if (location.empty()) return std::nullopt;
  const bool has_authority = location.contains("//");
  auto rest = location;
  if (!cut_same_host(rest, request.host)) return std::nullopt;
  const auto path = rest.substr(0, rest.find_first_of("?#"));
  if (path.empty()) return has_authority && rest.size() != location.size() ? "/" : request.path;
  if (path.starts_with('/')) return without_dots(path);
  return without_dots(request.path.substr(0, request.path.rfind('/') + 1).append(path));
}

UseEnd end_of_use(const ServedRequest& request, const ServiceResponse& response, const RequestMatch& gate,
                  NotModified not_modified) {
  constexpr std::uint16_t unmodified = 304;
  const auto status = response.status;
  if (status >= 200 && status < 300) return {.commit = request.method != "HEAD"};
  if (status == unmodified) return {.commit = not_modified == NotModified::commit};
  if (!is_redirect(status)) return {};
  // Any other method has done its work when it redirects.
  const bool is_safe = request.method == "GET" || request.method == "HEAD";
  const auto path = is_safe ? path_on_same_host(request, response.location) : std::nullopt;
  if (!path) return {.commit = true};
  const auto next = request_match(request.method, *path);  // a client follows with the same method
  if (!next || !gate.covers(priced_request(gate, *next))) return {.commit = true};
  return {.commit = false, .opened_path = path};
}

}  // namespace lntpay
