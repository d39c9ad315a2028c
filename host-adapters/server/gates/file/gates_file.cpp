// The sections of the file, and the rules between them.
#include "host-adapters/server/gates/file/gates_file.hpp"

#include <boost/asio/ip/address.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "core/base/ascii.hpp"
#include "core/base/integer.hpp"
#include "host-adapters/server/gates/file/file_members.hpp"
#include "host-adapters/server/gates/file/price_entry.hpp"
#include "host-adapters/server/gates/rules/host_names.hpp"
#include "host-adapters/server/ops/server_config.hpp"

namespace lntpay::host {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr std::string_view listen_example =
    R"([{"address": "0.0.0.0:443", "certificates": [{"certificate": "tls.crt", "key": "tls.key"}]}])";
constexpr std::string_view services_example =
    R"([{"name": "api", "upstreams": ["http://127.0.0.1:9000"], "prices": [{"path": "/*", "price_sats": 21}]}])";
constexpr std::string_view networks_example = R"(["192.0.2.7", "10.0.0.0/8", "2001:db8::/32"])";

ListenEntry read_listen(FileMembers& members, const std::filesystem::path& folder) {
  ListenEntry entry{.text = members.required_text("address", "\"0.0.0.0:443\"").value_or(""), .address = {}, .certificates = {}};
  const auto parsed = parse_listen(entry.text);
  boost::system::error_code not_numeric;
  const auto address = boost::asio::ip::make_address(parsed ? parsed->host : "", not_numeric);
  if (!entry.text.empty() && (!parsed || not_numeric))
    members.fail("address", "is \"" + entry.text + "\". Write a numeric address and a port: 0.0.0.0:443 or [::]:443");
  if (parsed && !not_numeric) entry.address = {address, parsed->port};
  members.objects("certificates", R"([{"certificate": "tls.crt", "key": "tls.key"}])", [&](FileMembers& pair) {
    const auto certificate = pair.required_text("certificate", "the name of a PEM file with the certificate and its chain");
    const auto key = pair.required_text("key", "the name of a PEM file with the private key");
    if (certificate && key) entry.certificates.push_back({folder / *certificate, folder / *key});
  });
  return entry;
}

std::optional<UpstreamAddress> parse_upstream(const std::string& url) {
  constexpr std::string_view scheme = "http://", name_letters = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  if (!url.starts_with(scheme)) return std::nullopt;
  auto rest = url.substr(scheme.size());
  if (rest.ends_with('/')) rest.pop_back();
  const bool has_port = rest.rfind(':') != std::string::npos && !rest.ends_with(']');
  const auto parsed = parse_listen(has_port ? rest : rest + ":80");
  if (!parsed || parsed->port == 0) return std::nullopt;
  const auto name = ascii_lower(parsed->host);
  if (!parse_ip(name) && name.find_first_not_of(name_letters) != std::string::npos) return std::nullopt;
  return UpstreamAddress{name, parsed->port};
}

void read_upstreams(FileMembers& members, Service& service) {
  constexpr std::string_view example = R"(["http://127.0.0.1:9000"])";
  if (!members.has("upstreams")) members.fail("upstreams", "is missing. Write " + std::string(example));
  members.texts("upstreams", example, [&](const std::string& url, const std::string& path) {
    if (auto upstream = parse_upstream(url)) {
      service.upstreams.push_back(std::move(*upstream));
    } else if (url.starts_with("https://")) {
      members.errors().add(path,
                           "is \"" + url + "\": TLS to a service is not supported. Write http://HOST:PORT, or put a proxy between");
    } else {
      members.errors().add(path, "is \"" + url + "\". Write http://HOST:PORT, without a path");
    }
  });
  members.object("health_check", R"({"path": "/healthz"})", [&](FileMembers& check) {
    HealthCheck health{.path = check.required_text("path", "\"/healthz\"").value_or("/")};
    if (!request_match("GET", health.path)) check.fail("path", "is \"" + health.path + "\". Write a path, such as /healthz");
    health.interval = seconds(check.number("interval_seconds", 1, 3'600).value_or(10));
    health.timeout = seconds(check.number("timeout_seconds", 1, 60).value_or(2));
    health.unhealthy_after = check.number("unhealthy_after", 1, 100).value_or(3);
    health.healthy_after = check.number("healthy_after", 1, 100).value_or(1);
    service.health_check = std::move(health);
  });
}

ClientRule read_rule(FileMembers& members) {
  ClientRule rule;
  members.texts("addresses", networks_example, [&](const std::string& text, const std::string& path) {
    if (const auto network = Network::parse(text)) {
      rule.addresses.push_back(*network);
    } else {
      members.errors().add(path, "is \"" + text + "\". Write an address or a network, such as in " + std::string(networks_example));
    }
  });
  members.texts("user_agents", R"(["UptimeRobot/*"])",
                [&](const std::string& text, const std::string&) { rule.user_agents.push_back(text); });
  if (!members.has("addresses") && !members.has("user_agents"))
    members.errors().add(members.path(), "lets nobody pass. Write \"addresses\", \"user_agents\", or both");
  return rule;
}

void read_hosts(FileMembers& members, Service& service) {
  constexpr std::string_view example = R"(["api.example.com", "*.example.com"])";
  members.texts("hosts", example, [&](const std::string& text, const std::string& path) {
    const auto name = host_name(text);
    const auto star = name.find('*');
    if (name != ascii_lower(text) || name.find_first_of(" /@") != std::string::npos ||
        (star != std::string::npos && !name.starts_with("*.")) || name.find('*', 1) != std::string::npos) {
      members.errors().add(path, "is \"" + text + "\". Write a host name without a port, such as in " + std::string(example));
    } else {
      service.hosts.push_back(name);
    }
  });
}

void read_prices(FileMembers& members, Service& service) {
  constexpr std::string_view example = R"([{"method": "GET", "path": "/reports/*", "price_sats": 21}])";
  if (!members.has("prices")) members.fail("prices", "is missing. Write " + std::string(example));
  std::map<std::string, std::string> places;  // by method and path, for which a trailing slash makes no difference
  members.objects("prices", example, [&](FileMembers& entry) {
    auto price = read_price(entry, service.name);
    const auto [first, is_new] = places.emplace(fingerprint_of(price.match), entry.path());
    if (!is_new) entry.errors().add(entry.path(), "has the method and path of " + first->second + ". Remove one");
    service.prices.push_back(std::move(price));
  });
}

Service read_service(FileMembers& members) {
  Service service{.name = members.required_text("name", "a short name, such as \"api\"").value_or("")};
  read_hosts(members, service);
  read_upstreams(members, service);
  members.objects("allow", R"([{"addresses": ["192.0.2.7"]}])",
                  [&](FileMembers& rule) { service.allow.push_back(read_rule(rule)); });
  members.object("free", R"({"requests_per_day": 100})", [&](FileMembers& free) {
    service.free_per_day = free.number("requests_per_day", 1, 1'000'000).value_or(0);
    if (!free.has("requests_per_day")) free.fail("requests_per_day", "is missing. Write a number, such as 100");
  });
  members.object("maintenance", R"({"message": "Back at 14:00 UTC.", "retry_after_seconds": 600})", [&](FileMembers& maintenance) {
    service.maintenance =
        Maintenance{maintenance.text("message", "a sentence for clients").value_or("The service is under maintenance."),
                    maintenance.number("retry_after_seconds", 1, 604'800).value_or(60)};
  });
  read_prices(members, service);
  return service;
}

/// Names, hosts and kept gates must be unique: they decide which service or gate is meant.
void check_unique(FileErrors& errors, const GatesFile& file) {
  std::set<std::string> names, hosts, gates;
  for (std::size_t i = 0; i < file.services.size(); ++i) {
    const auto& service = file.services[i];
    const auto at = "services[" + std::to_string(i) + "]";
    if (!service.name.empty() && !names.insert(service.name).second)
      errors.add(at + ".name", "is the name of two services. Rename one");
    for (std::size_t j = 0; j < service.hosts.size(); ++j) {
      if (!hosts.insert(service.hosts[j]).second)
        errors.add(at + ".hosts[" + std::to_string(j) + "]", "is a host of two services. Remove one");
    }
    if (service.hosts.empty() && !hosts.insert("").second)
      errors.add(at, "is the second service for all other hosts. Write \"hosts\" in one of them");
    for (const auto& price : service.prices) {
      if (price.kept_gate.is_null()) continue;
      if (!gates.insert(price.kept_gate["name"].get<std::string>()).second)
        errors.add(price.path_in_file + ".name", "is the name of two gates of this file. Write another \"name\"");
    }
  }
}

GatesFile read_sections(FileErrors& errors, const json& value, const std::filesystem::path& folder) {
  GatesFile file;
  FileMembers members(errors, value, "");
  std::set<boost::asio::ip::tcp::endpoint> taken;
  if (!members.has("listen")) members.fail("listen", "is missing. Write " + std::string(listen_example));
  members.objects("listen", listen_example, [&](FileMembers& entry) {
    file.listen.push_back(read_listen(entry, folder));
    if (!taken.insert(file.listen.back().address).second && entry.has("address"))
      entry.fail("address", "is given twice. Remove one");
  });
  std::string trusted;
  members.texts("trusted_proxies", networks_example, [&](const std::string& text, const std::string& path) {
    if (!Network::parse(text))
      members.errors().add(path, "is \"" + text + "\". Write an address or a network, such as in " + std::string(networks_example));
    trusted += (trusted.empty() ? "" : ",") + text;
  });
  if (auto parsed = TrustedProxies::parse(trusted); parsed && members.has("trusted_proxies"))
    file.trusted_proxies = std::move(*parsed);
  if (const auto key_file = members.text("api_key_file", "the name of a file that holds an API key"))
    file.api_key_file = folder / *key_file;
  if (!members.has("services")) members.fail("services", "is missing. Write " + std::string(services_example));
  members.objects("services", services_example, [&](FileMembers& service) { file.services.push_back(read_service(service)); });
  members.end();
  check_unique(errors, file);
  return file;
}

}  // namespace

std::vector<std::filesystem::path> GatesFile::files() const {
  std::vector<std::filesystem::path> named;
  if (!api_key_file.empty()) named.push_back(api_key_file);
  for (const auto& entry : listen) {
    for (const auto& pair : entry.certificates) {
      named.push_back(pair.certificate);
      named.push_back(pair.key);
    }
  }
  return named;
}

bool GatesFile::keeps_gates() const {
  for (const auto& service : services) {
    for (const auto& price : service.prices)
      if (!price.kept_gate.is_null()) return true;
  }
  return false;
}

std::expected<GatesFile, std::string> parse_gates_file(const std::filesystem::path& file, std::string_view text) {
  const auto placed = PlacedJson::parse(text);
  if (!placed) return std::unexpected(file.string() + ": " + placed.error());
  FileErrors errors(file.string(), *placed);
  GatesFile read;
  if (placed->value.is_object()) {
    read = read_sections(errors, placed->value, file.parent_path());
  } else {
    errors.add("", "is no object. Write {\"listen\": …, \"services\": …}");
  }
  if (errors.list().empty()) return read;
  std::string all;
  for (const auto& each : errors.list()) all += (all.empty() ? "" : "\n") + each;
  return std::unexpected(std::move(all));
}

std::expected<GatesFile, std::string> read_gates_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::unexpected(file.string() + " cannot be read. Check its name and its permissions");
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return parse_gates_file(file, text);
}

}  // namespace lntpay::host
