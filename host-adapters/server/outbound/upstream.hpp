// The configured upstreams: where a node is, how it is authenticated, and its credentials. Url and
// credentials enter no engine, log or error; a refused certificate is named there.
#pragma once
#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "host-adapters/server/ops/lnd_options.hpp"

namespace lntpay::host {

struct Upstream {
  std::string url;          ///< https://node:8080, without a slash at the end
  std::string certificate;  ///< PEM: the server must show this one, or one that it signed, for its name
  std::string
      public_key;      ///< "sha256//…": the server must have this key, whatever its certificate states; empty with a certificate
  std::string header;  ///< added to every request: "grpc-metadata-macaroon: 0201…"
};

/// Prefix of a node-proxy token (node_tokens.hpp), which is configured in place of a macaroon.
inline constexpr std::string_view node_proxy_token_begins = "lnp_";

/// By the names that the engine uses: "lnd-receive", "lnd-pay".
using Upstreams = std::map<std::string, Upstream, std::less<>>;

/// Reads the files. The error names the option and how to fix it, never what is in a file.
std::expected<Upstreams, std::string> lnd_upstreams(const LndOptions& options);

}  // namespace lntpay::host
