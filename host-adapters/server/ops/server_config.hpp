// The options of `lntpay serve`, and the engine configuration built from them.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

#include "host-adapters/server/ops/lnd_options.hpp"
#include "host-adapters/server/ops/secrets.hpp"

namespace lntpay::host {

struct RateLimit {
  std::uint64_t quota = 100;
  std::uint64_t window_s = 60;
};

struct ServeOptions {
  std::string listen = "127.0.0.1:8402";
  std::filesystem::path data = "data";
  std::string store = "sqlite";      ///< sqlite | memory
  std::filesystem::path store_mark;  ///< file of the store's high-water mark; empty: beside the database
  std::string engine = "wasm";       ///< wasm | native
  std::filesystem::path component;   ///< empty: lntpay.wasm in the program's folder
  std::filesystem::path resources;   ///< the files beside the API; empty: resources in the program's folder
  std::string isolation = "shared";  ///< shared | session
  bool sandbox = false;
  std::string live_network = "bitcoin";
  LndOptions lnd;        ///< the node of `live`
  std::string base_url;  ///< empty: http:// and the listening address
  bool allow_loopback = false;
  std::string trusted_proxies;  ///< addresses and networks, comma-separated
  std::string name_servers;  ///< for webhooks and gates files: as check_name_servers accepts them; empty: those of /etc/resolv.conf
  std::string rate_limit = "600/60";
  std::uint32_t challenges_per_client = 60;
  std::uint32_t challenges_per_gate = 10'000;
  std::uint32_t keep_events_days = 90;  ///< 0: forever
  std::string log_level = "info";
  /// The gate proxy; empty: none.
  struct Proxy {
    std::string listen;
    std::string gate;
    std::string service;  ///< http://ADDRESS:PORT
  } proxy{};
  std::filesystem::path gates;  ///< the file of gates and services (docs/gates-file.md); empty: none
};

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// Parses "127.0.0.1:8402" or "[::1]:8402". Whether the host is a numeric address is not checked.
std::expected<ListenAddress, std::string> parse_listen(const std::string& text);
/// Parses "600/60": requests, then seconds, both positive.
std::expected<RateLimit, std::string> parse_rate_limit(const std::string& text);

/// "192.0.2.53,127.0.0.1:5353,[::1]:53": numeric addresses, each with a port or for port 53, without spaces. The error is for the
/// operator.
std::expected<void, std::string> check_name_servers(const std::string& text);

/// The database, and its high-water mark (stores/sqlite/store_mark.hpp).
std::filesystem::path database_of(const ServeOptions& options);
std::filesystem::path store_mark_of(const ServeOptions& options);

/// The JSON for the engine's `configure`.
std::string engine_config(const ServeOptions& options, const HostSecrets& secrets, const RateLimit& rate,
                          const std::string& base_url);

}  // namespace lntpay::host
