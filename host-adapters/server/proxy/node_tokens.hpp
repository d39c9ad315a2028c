// The node-proxy's tokens: one for receiving, one for paying, kept in files that only their user reads.
#pragma once
#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "host-adapters/server/outbound/upstream.hpp"

namespace lntpay::host {

/// The token by the upstream that it opens ("lnd-receive", "lnd-pay").
using NodeProxyTokens = std::map<std::string, std::string, std::less<>>;

/// Reads the token of each upstream from its file in `dir`, or generates it, mode 0600; so a deleted one is replaced. The error is
/// for the operator.
std::expected<NodeProxyTokens, std::string> node_proxy_tokens(const std::filesystem::path& dir, const Upstreams& upstreams);

/// `dir`/receive.token or `dir`/pay.token.
std::filesystem::path token_file(const std::filesystem::path& dir, std::string_view upstream);

/// The upstream that an Authorization opens; empty: none. Compares in constant time.
std::string upstream_of(const NodeProxyTokens& tokens, std::string_view authorization);

}  // namespace lntpay::host
