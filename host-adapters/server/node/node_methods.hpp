// The calls of lnd's that LNTPay makes, and no other: what a node-proxy lets through, what doctor tries, what is baked into
// macaroons (docs/lnd.md).
#pragma once
#include <span>
#include <string_view>

namespace lntpay::host {

struct NodeMethod {
  std::string_view upstream;    ///< lnd-receive, lnd-pay
  std::string_view permission;  ///< as `lncli bakemacaroon` names it, behind "uri:/"; empty: lnd asks for no macaroon
  std::string_view http_method;
  std::string_view path;   ///< `*` stands for one segment of letters, digits, '-', '_' and '='
  std::string_view query;  ///< the only parameter that it may have: a name, of digits; or name and value
};

std::span<const NodeMethod> node_methods();

/// The one that a request makes; nullptr: none.
const NodeMethod* find_node_method(std::string_view upstream, std::string_view http_method, std::string_view target);

}  // namespace lntpay::host
