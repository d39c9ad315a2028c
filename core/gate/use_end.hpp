// How a reserved use ends, by the response of the protected service. Pure.
//
//   2xx, any other redirect (it can carry the goods: a signed download address)          commit
//   a redirect of GET or HEAD to a path of this gate on the same host (the goods are     release; that path is opened as well
//   there), while the payment has redirects left (core/gate/payment_uses)
//   304                                                                                  as the gate has it: `not_modified`
//   HEAD with 2xx, anything else, no response                                            release
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/enum_names.hpp"
#include "core/gate/terms.hpp"

namespace lntpay {

/// What a 304 does with the use: the client has the content already.
enum class NotModified : std::uint8_t { release, commit };
template <>
inline constexpr auto enum_names<NotModified> = std::to_array<std::string_view>({"release", "commit"});

/// The request that passed.
struct ServedRequest {
  std::string method;
  std::string host;  ///< of its Host line; empty: unknown, and every absolute Location leads elsewhere
  std::string path;
};

/// The response of the service; status 0: none.
struct ServiceResponse {
  std::uint16_t status = 0;
  std::string_view location;
};

struct UseEnd {
  bool commit = false;
  std::optional<std::string> opened_path{};  ///< with a release: where the redirect leads
};

UseEnd end_of_use(const ServedRequest& request, const ServiceResponse& response, const RequestMatch& gate,
                  NotModified not_modified);

/// The path to which a Location leads on the same host (RFC 3986, section 5.2; a default port is none); nullopt: elsewhere.
std::optional<std::string> path_on_same_host(const ServedRequest& request, std::string_view location);

}  // namespace lntpay
