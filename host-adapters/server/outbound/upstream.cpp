// Reading and checking the options for lnd.
#include "host-adapters/server/outbound/upstream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/lightning/node/lnd.hpp"
#include "host-adapters/server/ops/private_file.hpp"

namespace lntpay::host {
namespace {

constexpr std::size_t file_bytes_max = 64 * 1024;
constexpr std::string_view pin_begins = "sha256//";

using Text = std::expected<std::string, std::string>;

std::unexpected<std::string> refuse(std::string_view option, const std::string& why) {
  return std::unexpected(std::string(option) + ": " + why);
}

Text read_file(std::string_view option, const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse(option, path.string() + ": " + std::strerror(errno));
  std::string text(file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty() || text.size() > file_bytes_max) return refuse(option, path.string() + " is empty, too large or not a file");
  return text;
}

/// The header for a macaroon as lncli writes it (binary with --save_to, else hex), or for the token of a node-proxy.
Text macaroon_header(std::string_view option, const std::filesystem::path& path) {
  constexpr char version = '\x02';
  if (auto good = check_private_file(path); !good) return refuse(option, good.error());
  auto text = read_file(option, path);
  if (!text) return text;
  if (text->front() != version) {
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' ')) text->pop_back();
    if (text->starts_with(node_proxy_token_begins)) return "authorization: Bearer " + *text;
    const auto bytes = hex_decode(*text);
    if (!bytes || bytes->empty() || bytes->front() != version)
      return refuse(option, path.string() + " is neither a macaroon (binary or hex) nor the token of a node-proxy");
    return "grpc-metadata-macaroon: " + *text;
  }
  return "grpc-metadata-macaroon: " + hex(bytes_of(*text));
}

bool is_loopback(std::string_view host) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"127.0.0.1", "[::1]", "localhost"},
      [host](std::string_view name) { return host == name || (host.starts_with(name) && host[name.size()] == ':'); });
}

std::expected<void, std::string> check_url(const std::string& url) {
  constexpr std::string_view option = "--lnd-url";
  constexpr std::string_view safe = "https://";
  constexpr std::string_view plain = "http://";
  const bool is_plain = url.starts_with(plain);
  if (!url.starts_with(safe) && !is_plain) return refuse(option, url + " is not of the form https://HOST:PORT");
  const auto host = std::string_view(url).substr(is_plain ? plain.size() : safe.size());
  if (host.empty() || host.find_first_of("/?#@ \r\n") != std::string_view::npos)
    return refuse(option, "give https://HOST:PORT without a path, query or user");
  if (is_plain && !is_loopback(host)) return refuse(option, "http:// is accepted for a node on this machine only. Use https://");
  return {};
}

std::expected<void, std::string> check_pin(const std::string& pin) {
  const auto digest =
      pin.starts_with(pin_begins) ? base64_decode(Base64::standard, std::string_view(pin).substr(pin_begins.size())) : std::nullopt;
  if (digest && digest->size() == sizeof(Bytes32)) return {};
  return refuse("--lnd-public-key", "give sha256//BASE64, the SHA-256 of the key in DER");
}

}  // namespace

std::expected<Upstreams, std::string> lnd_upstreams(const LndOptions& options) {
  Upstreams upstreams;
  if (options.url.empty()) return upstreams;
  if (auto good = check_url(options.url); !good) return std::unexpected(good.error());
  if (!options.certificate.empty() && !options.public_key.empty())
    return refuse("--lnd-public-key", "give this or --lnd-certificate, not both");
  Upstream node{.url = options.url, .certificate = {}, .public_key = options.public_key, .header = {}};
  if (!options.public_key.empty()) {
    if (auto good = check_pin(options.public_key); !good) return std::unexpected(good.error());
  }
  if (!options.certificate.empty()) {
    auto pem = read_file("--lnd-certificate", options.certificate);
    if (!pem) return std::unexpected(pem.error());
    if (!pem->contains("-----BEGIN CERTIFICATE-----"))
      return refuse("--lnd-certificate", options.certificate.string() + " is not a certificate in PEM. Give lnd's tls.cert");
    node.certificate = std::move(*pem);
  }
  const auto add = [&](std::string_view name, std::string_view option, const std::filesystem::path& path) -> Text {
    auto header = macaroon_header(option, path);
    if (!header) return header;
    auto each = node;
    each.header = std::move(*header);
    upstreams.emplace(name, std::move(each));
    return {};
  };
  if (options.receive_macaroon.empty())
    return refuse("--lnd-receive-macaroon", "is required with --lnd-url. Bake one as in docs/lnd.md");
  if (auto added = add(lnd::receive, "--lnd-receive-macaroon", options.receive_macaroon); !added)
    return std::unexpected(added.error());
  if (options.pay_macaroon.empty()) return upstreams;
  if (auto added = add(lnd::pay, "--lnd-pay-macaroon", options.pay_macaroon); !added) return std::unexpected(added.error());
  return upstreams;
}

}  // namespace lntpay::host
