// The terms of a payment for a gate. They are issued as caveats of the macaroon and in the `request` of the "Payment" challenge,
// and parsed from the presented credential.
//
// Each term is a caveat `name=value`. All but `size` are required. A holder may repeat one to narrow it. Unknown caveats are
// rejected, because their condition cannot be checked:
//
//   environment, gate, price_msat, mode, uses   a repeat must be the same
//   method                                      the request's, or `*` (any): a repeat may name one
//   path                                        the request's, or `/some/*` (everything below): a repeat may go deeper
//   valid_until                                 Unix seconds: a repeat may be earlier
//   size                                        the bytes of the request's body at most, where the price depends on it. It may be
//                                               missing: any. It may be added; a repeat may be smaller
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json_reader.hpp"
#include "core/storage/row.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// One request for one payment; as many as `uses` and `valid_until` allow; or these as far as the credit reaches: a request costs
/// what the service reports.
enum class GateMode : std::uint8_t { per_request, pass, metered };
template <>
inline constexpr auto enum_names<GateMode> = std::to_array<std::string_view>({"per_request", "pass", "metered"});

/// A method (or `*`) and a path (or `/some/*`) that a gate protects or a token grants.
struct RequestMatch {
  std::string method;
  std::string path;
  bool operator==(const RequestMatch&) const = default;

  /// Every host and every token matches requests by this function. A trailing slash makes no difference; `/a/*` covers `/a` and all
  /// below it. A host with several gates prefers one whose path is the request's (`is_same_path`).
  [[nodiscard]] bool covers(const RequestMatch& other) const;
};

/// Whether two paths are equal but for a trailing slash.
bool is_same_path(std::string_view a, std::string_view b);

/// The request that a gate prices: HEAD is a GET, except at a gate for HEAD alone.
RequestMatch priced_request(const RequestMatch& gate, RequestMatch asked);

/// A short name of a request or path, for rows: 32 hex digits. Those of paths that differ in a trailing slash are equal. The query
/// is compared as received.
std::string fingerprint_of(const RequestMatch& request, std::string_view query = {});

/// Whether a gate can protect this: a method in capitals or `*`, and a path of unreserved characters (RFC 3986, section 2.3), which
/// has no second spelling that `request_match` accepts.
bool is_gate_match(const RequestMatch& match);

/// Of one request; the raw path without the query. Fails with invalid_request when servers could interpret the path differently: a
/// `.`, `..` or empty segment, a backslash, unnecessary percent-encoding or an encoded slash, a trailing `*`.
Result<RequestMatch> request_match(std::string_view method, std::string_view raw_path);

struct Terms {
  Environment environment{};
  GateId gate;
  RequestMatch match;
  Msat price;
  GateMode mode{};
  std::optional<std::uint64_t> uses;    ///< nullopt, in tokens "*": unlimited until valid_until
  UnixMillis valid_until;               ///< whole seconds
  std::optional<std::uint64_t> size{};  ///< of the request's body that was priced; nullopt: any
  bool operator==(const Terms&) const = default;
};

/// Whether a holder of `sold` may narrow it to `shown`.
bool is_within(const Terms& shown, const Terms& sold);

/// "environment=test", "gate=gate_…", …
std::vector<std::string> caveats_of(const Terms& terms);
/// Fails with unauthenticated: a term is missing, widened, unknown or invalid.
Result<Terms> terms_of(const std::vector<std::string>& caveats);

/// The same as canonical JSON: {"environment":"test","gate":"gate_…",…}
std::string terms_json(const Terms& terms);
/// Fails as `terms_of`.
Result<Terms> terms_of_json(const Json& json);

}  // namespace lntpay
