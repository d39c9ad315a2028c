// The file of `lntpay serve --gates FILE`, as values (docs/gates-file.md).
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/gate/terms.hpp"
#include "host-adapters/server/gates/rules/client_rules.hpp"
#include "host-adapters/server/http/tls_context.hpp"
#include "host-adapters/server/http/trusted_proxies.hpp"

namespace lntpay::host {

struct ListenEntry {
  std::string text;  ///< "0.0.0.0:443", as written
  boost::asio::ip::tcp::endpoint address;
  std::vector<CertificateFiles> certificates;  ///< none: HTTP without TLS
};

struct UpstreamAddress {
  std::string host;  ///< a name or a numeric address
  std::uint16_t port = 0;
  bool operator==(const UpstreamAddress&) const = default;
};

struct HealthCheck {
  std::string path;
  std::chrono::seconds interval{10};
  std::chrono::seconds timeout{2};
  std::uint64_t unhealthy_after = 3;  ///< failures in a row
  std::uint64_t healthy_after = 1;    ///< successes in a row
};

struct Maintenance {
  std::string message;
  std::uint64_t retry_after_s = 0;
};

/// What requests cost: one gate of the workspace, or nothing.
struct Price {
  RequestMatch match;
  std::string gate;          ///< the id of an existing gate; empty: none
  nlohmann::json kept_gate;  ///< the gate that the file keeps, as the body of POST /v1/gates with all its members; null: none
  std::string path_in_file;  ///< "services[0].prices[1]"

  [[nodiscard]] bool is_free() const { return gate.empty() && kept_gate.is_null(); }
};

struct Service {
  std::string name;
  std::vector<std::string> hosts;  ///< lower case, "*.example.com" for all below; none: every other host
  std::vector<UpstreamAddress> upstreams;
  std::optional<HealthCheck> health_check;
  std::vector<ClientRule> allow;
  std::uint64_t free_per_day = 0;
  std::optional<Maintenance> maintenance;
  std::vector<Price> prices;
};

struct GatesFile {
  std::vector<ListenEntry> listen;
  std::optional<TrustedProxies> trusted_proxies;  ///< none: those of the server
  std::filesystem::path api_key_file;             ///< empty: none is named
  std::vector<Service> services;

  /// All files that it names.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;
  /// The file keeps gates, for which a key of the workspace is needed.
  [[nodiscard]] bool keeps_gates() const;
};

/// The text of such a file. Relative names of files in it are relative to its folder. Fails with all errors found, each on a line
/// of its own: "gates.json:12: services[0].name: is missing. Write …".
std::expected<GatesFile, std::string> parse_gates_file(const std::filesystem::path& file, std::string_view text);
/// The same for a file; also fails where it cannot be read.
std::expected<GatesFile, std::string> read_gates_file(const std::filesystem::path& file);

}  // namespace lntpay::host
