// The methods of lnd that LNTPay calls: a node-proxy forwards no others, doctor checks the right to each, and a macaroon grants
// them (docs/lnd.md).
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lntpay::host {

/// A call that lnd refuses without any effect after it has checked the macaroon, or that only reads.
struct NodeProbe {
  std::string_view segment = {};  ///< in place of the path's `*`
  std::string_view body = {};     ///< empty: a GET
};

struct NodeMethod {
  std::string_view upstream;    ///< lnd-receive, lnd-pay
  std::string_view permission;  ///< as `lncli bakemacaroon` names it, after "uri:/"; empty: lnd requires no macaroon
  std::string_view http_method;
  std::string_view path;                          ///< `*` is one segment of letters, digits, '-', '_' and '='
  std::string_view query;                         ///< the only parameter allowed: a name, whose value is digits; or name and value
  std::optional<NodeProbe> probe = std::nullopt;  ///< how doctor checks the right to it; absent: by reading its answer
};

std::span<const NodeMethod> node_methods();

/// The method with this permission, which the table must have; without a permission: the one that requires no macaroon.
const NodeMethod& node_method(std::string_view upstream, std::string_view permission);

/// The target of a call: the path, with the probe's segment in place of `*`, and the query where that has a value.
std::string target_of(const NodeMethod& method);

/// The method that a request calls; nullptr when it calls none of the table.
const NodeMethod* find_node_method(std::string_view upstream, std::string_view http_method, std::string_view target);

}  // namespace lntpay::host
