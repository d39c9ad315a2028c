// What `lntpay serve` is told, and the engine's configuration that is made from it.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

#include "host-adapters/server/ops/secrets.hpp"
#include "host-adapters/server/outbound/upstream.hpp"

namespace lntpay::host {

struct RateLimit {
  std::uint64_t quota = 100;
  std::uint64_t window_s = 60;
};

struct ServeOptions {
  std::string listen = "127.0.0.1:8402";
  std::filesystem::path data = "data";
  std::string store = "sqlite";      ///< sqlite | memory
  std::string engine = "wasm";       ///< wasm | native
  std::filesystem::path component;   ///< empty: lntpay.wasm beside the program
  std::string isolation = "shared";  ///< shared | session
  bool sandbox = false;
  std::string live_network = "bitcoin";
  LndOptions lnd;        ///< the node of `live`
  std::string base_url;  ///< empty: http:// and the address that is listened on
  bool allow_loopback = false;
  std::string trusted_proxies;  ///< addresses and networks, with commas between
  std::string rate_limit = "100/60";
  std::uint32_t challenges_per_client = 60;
  std::uint32_t challenges_per_gate = 10'000;
  std::string log_level = "info";
  /// A gate before a service; empty: there is none.
  struct Proxy {
    std::string listen;
    std::string gate;
    std::string service;  ///< http://ADDRESS:PORT
  } proxy{};
};

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// "127.0.0.1:8402", "[::1]:8402". The host is a numeric address.
std::expected<ListenAddress, std::string> parse_listen(const std::string& text);
/// "100/60": requests, then seconds.
std::expected<RateLimit, std::string> parse_rate_limit(const std::string& text);

/// The JSON that `configure` takes.
std::string engine_config(const ServeOptions& options, const HostSecrets& secrets, const RateLimit& rate,
                          const std::string& base_url);

}  // namespace lntpay::host
