// Parsing flags, and writing the engine's configuration.
#include "host-adapters/server/ops/server_config.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "core/base/ip_address.hpp"
#include "host-adapters/server/ops/moments.hpp"

namespace lntpay::host {

std::expected<ListenAddress, std::string> parse_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_integer<std::uint16_t>(std::string_view(text).substr(colon + 1));
  std::string host = text.substr(0, colon == std::string::npos ? 0 : colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!port || host.empty()) return std::unexpected(text + " is not of the form ADDRESS:PORT, such as 127.0.0.1:8402");
  return ListenAddress{std::move(host), *port};
}

std::expected<RateLimit, std::string> parse_rate_limit(const std::string& text) {
  const auto slash = text.find('/');
  const std::string_view view(text);
  const auto quota = parse_integer<std::uint64_t>(view.substr(0, slash));
  const auto window = slash == std::string::npos ? std::nullopt : parse_integer<std::uint64_t>(view.substr(slash + 1));
  if (!quota || !window || *quota == 0 || *window == 0)
    return std::unexpected(text + " is not of the form REQUESTS/SECONDS, such as 100/60");
  return RateLimit{*quota, *window};
}

std::expected<void, std::string> check_name_servers(const std::string& text) {
  const auto is_name_server = [](const std::string& each) {
    if (parse_ip(each)) return true;
    const auto at = parse_listen(each);
    return at && at->port != 0 && (each.starts_with('[') ? parse_ipv6(at->host) : parse_ipv4(at->host));
  };
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto each = text.substr(begin, end - begin);
    if (!is_name_server(each))
      return std::unexpected("\"" + each + "\" is no name server: 192.0.2.53, 127.0.0.1:5353, [::1]:53, with commas between");
    begin = end + 1;
  }
  return {};
}

std::filesystem::path database_of(const ServeOptions& options) { return options.data / database_name; }

std::filesystem::path store_mark_of(const ServeOptions& options) {
  return options.store_mark.empty() ? std::filesystem::path(database_of(options).string() + ".mark") : options.store_mark;
}

std::string engine_config(const ServeOptions& options, const HostSecrets& secrets, const RateLimit& rate,
                          const std::string& base_url) {
  using nlohmann::json;
  std::array<std::uint8_t, 8> process{};  // of its own for each start: no other works on the store
  fill_random(process.data(), process.size());
  return json{
      {"base_url", base_url},
      {"live_network", options.live_network},
      {"live_node", !options.lnd.url.empty()},
      {"pepper", json::array({{{"id", "1"}, {"key", secrets.pepper}}})},
      {"seal", json::array({{{"id", "1"}, {"key", secrets.seal}}})},
      {"cursor_key", secrets.cursor_key},
      {"gate_key", secrets.gate_key},
      {"operator_hmac", secrets.operator_hmac()},
      {"limits",
       {{"rate_quota", rate.quota},
        {"rate_window_s", rate.window_s},
        {"challenges_per_client", options.challenges_per_client},
        {"challenges_per_gate", options.challenges_per_gate}}},
      {"keep_events_days", options.keep_events_days},
      {"process", hex(process)},
      {"egress", {{"mode", "guarded"}, {"allow_loopback", options.allow_loopback || options.sandbox}}},
      {"send_once", true},
  }
      .dump();
}

}  // namespace lntpay::host
