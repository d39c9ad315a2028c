// Reads, generates and compares tokens.
#include "host-adapters/server/proxy/node_tokens.hpp"

#include <sys/random.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/base/secret.hpp"
#include "core/lightning/node/lnd.hpp"
#include "core/request/bearer_token.hpp"
#include "host-adapters/server/ops/private_file.hpp"

namespace lntpay::host {
namespace {

std::expected<std::string, std::string> read_token(const std::filesystem::path& path) {
  if (auto good = check_private_file(path); !good) return std::unexpected(good.error());
  std::string token;
  std::ifstream(path) >> token;
  const auto secret = std::string_view(token).substr(std::min(token.size(), node_proxy_token_begins.size()));
  if (token.starts_with(node_proxy_token_begins) && hex_decode32(secret)) return token;
  return std::unexpected(path.string() + " contains no token. Delete the file; the next start generates one.");
}

std::expected<std::string, std::string> make_token(const std::filesystem::path& path) {
  Bytes32 secret{};
  if (getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size()))
    return std::unexpected("the system has no random bytes");
  auto token = std::string(node_proxy_token_begins) + hex(secret);
  if (auto written = write_private_file(path, token + "\n"); !written) return std::unexpected(written.error());
  return token;
}

}  // namespace

std::filesystem::path token_file(const std::filesystem::path& dir, std::string_view upstream) {
  return dir / (upstream == lnd::pay ? "pay.token" : "receive.token");
}

std::expected<NodeProxyTokens, std::string> node_proxy_tokens(const std::filesystem::path& dir, const Upstreams& upstreams) {
  std::error_code failed;
  std::filesystem::create_directories(dir, failed);
  if (failed) return std::unexpected(dir.string() + ": " + failed.message());
  NodeProxyTokens tokens;
  for (const auto& [name, upstream] : upstreams) {
    const auto path = token_file(dir, name);
    auto token = std::filesystem::exists(path) ? read_token(path) : make_token(path);
    if (!token) return std::unexpected(token.error());
    tokens.emplace(name, std::move(*token));
  }
  return tokens;
}

std::string upstream_of(const NodeProxyTokens& tokens, std::string_view authorization) {
  const auto shown = bearer_token(authorization);
  std::string upstream;
  for (const auto& [name, token] : tokens) {
    if (constant_time_equal(bytes_of(shown), bytes_of(token))) upstream = name;
  }
  return upstream;
}

}  // namespace lntpay::host
