// Reading the environment. The engine's settings are built directly: writing and parsing them as JSON, as other hosts do, would
// take a sixth of the time of a request with an instance of its own.
#include "host-adapters/wasi-http/wasi_settings.hpp"

#include <algorithm>
#include <array>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "core/base/json_reader.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay::wasi_http {
namespace {

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// Reads variables; keeps the first error.
class Variables {
 public:
  explicit Variables(const EnvironmentVariables& environment) : environment_(environment) {}

  [[nodiscard]] std::string text(std::string_view name, std::string_view fallback = {}) const {
    const auto found = std::ranges::find(environment_, name, &EnvironmentVariables::value_type::first);
    return found == environment_.end() || found->second.empty() ? std::string(fallback) : found->second;
  }
  std::string required(std::string_view name, std::string_view what) {
    auto value = text(name);
    if (value.empty()) refuse(std::string(name) + " is missing: " + std::string(what));
    return value;
  }
  /// A URL without user and trailing slash. The error does not contain it, because it may hold a secret.
  std::string url(std::string_view name, std::string value) {
    const bool known = value.starts_with("http://") || value.starts_with("https://");
    if (!known || value.ends_with('/') || value.contains('@') || !is_visible(value))
      refuse(std::string(name) + " must be http://… or https://…, without a user and without a slash at the end");
    return value;
  }
  std::vector<std::string> list(std::string_view name, std::string_view fallback = {}) const {
    std::vector<std::string> items;
    const auto all = text(name, fallback);
    for (std::string_view rest = all; !rest.empty();) {
      const auto comma = rest.find(',');
      if (const auto item = trimmed(rest.substr(0, comma)); !item.empty()) items.emplace_back(item);
      rest = comma == rest.npos ? std::string_view{} : rest.substr(comma + 1);
    }
    return items;
  }
  bool flag(std::string_view name) {
    const auto value = text(name, "0");
    if (value != "0" && value != "1") refuse(std::string(name) + " is \"" + value + "\": it must be 0 or 1");
    return value == "1";
  }
  std::uint32_t number(std::string_view name, std::string_view text, std::uint32_t max, std::uint32_t min = 1) {
    const auto value = parse_integer<std::uint32_t>(text, max);
    if (!value || *value < min) {
      refuse(std::string(name) + " has \"" + std::string(text) + "\": it must be a whole number from " + std::to_string(min) +
             " to " + std::to_string(max));
    }
    return value.value_or(0);
  }
  void refuse(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  const EnvironmentVariables& environment_;
  std::string error_;
};

/// Reads LNTPAY_SECRETS; the error names the first missing or malformed secret.
class Secrets {
 public:
  explicit Secrets(Variables& variables) : variables_(variables) {
    constexpr std::string_view how = "set it to the whole output of `node host-adapters/js/new-secrets.mjs`";
    if (auto read = read_json(variables.required("LNTPAY_SECRETS", how))) {
      json_ = *std::move(read);
    } else {
      variables.refuse("LNTPAY_SECRETS is not JSON: " + std::string(how));
    }
  }

  std::string text(std::string_view name) {
    const auto* found = json_.find(name);
    if (found != nullptr && found->kind == Json::Kind::text && !found->text.empty()) return found->text;
    refuse(name);
    return {};
  }
  Bytes32 key(std::string_view name) {
    const auto bytes = hex_decode32(text(name));
    if (!bytes) refuse(name);
    return bytes.value_or(Bytes32{});
  }

 private:
  void refuse(std::string_view name) {
    variables_.refuse("LNTPAY_SECRETS has no \"" + std::string(name) +
                      "\" as new-secrets.mjs prints it. Set it to the whole output of that script");
  }

  Variables& variables_;
  Json json_{.kind = Json::Kind::object};
};

void read_limits(Variables& variables, Settings& settings) {
  const auto rate = variables.text("LNTPAY_RATE_LIMIT", "600/60");
  const auto slash = rate.find('/');
  if (slash == rate.npos) variables.refuse("LNTPAY_RATE_LIMIT is \"" + rate + "\": it must be requests/seconds, such as 600/60");
  const auto quota = [&](std::string_view name, std::string_view text) {
    return variables.number(name, text, RateLimit::quota_max);
  };
  const std::string_view parts(rate);
  settings.rate = {
      quota("LNTPAY_RATE_LIMIT", parts.substr(0, slash)),
      variables.number("LNTPAY_RATE_LIMIT", slash == rate.npos ? "1" : parts.substr(slash + 1), RateLimit::window_s_max)};
  const auto challenges = [&](std::string_view name, std::string_view otherwise) {
    return RateLimit{quota(name, variables.text(name, otherwise)), challenge_expires_in_s};
  };
  settings.challenges_per_client = challenges("LNTPAY_CHALLENGES_PER_CLIENT", "60");
  settings.challenges_per_gate = challenges("LNTPAY_CHALLENGES_PER_GATE", "10000");
}

std::vector<std::string> etcd_of(Variables& variables) {
  auto urls = variables.list("LNTPAY_ETCD_URL", "http://127.0.0.1:2379");
  if (urls.empty()) variables.refuse("LNTPAY_ETCD_URL lists no member of etcd: give at least one URL");
  for (const auto& each : urls) variables.url("LNTPAY_ETCD_URL", each);
  return urls;
}

Egress egress_of(Variables& variables) {
  Egress egress{.mode = EgressMode::allowlist, .allow = variables.list("LNTPAY_WEBHOOK_HOSTS")};
  for (const auto& each : egress.allow) {
    if (each.find_first_of(":/@") != each.npos || each != ascii_lower(each))
      variables.refuse("LNTPAY_WEBHOOK_HOSTS has \"" + each + "\": it must list host names in lower case, such as shop.example");
  }
  egress.allow_loopback = variables.flag("LNTPAY_ALLOW_LOOPBACK");
  return egress;
}

std::string network_of(Variables& variables) {
  constexpr std::array networks{"bitcoin", "testnet", "signet", "regtest"};
  auto network = variables.text("LNTPAY_LIVE_NETWORK", networks.front());
  if (std::ranges::find(networks, network) == networks.end())
    variables.refuse("LNTPAY_LIVE_NETWORK is \"" + network + "\": it must be bitcoin, testnet, signet or regtest");
  return network;
}

std::vector<Upstream> node_of(Variables& variables) {
  const auto url = variables.text("LNTPAY_LND_URL");
  if (url.empty()) return {};
  constexpr std::string_view what = "set it to a token of the `lntpay node-proxy` at LNTPAY_LND_URL";
  return {{"lnd-receive", variables.url("LNTPAY_LND_URL", url), variables.required("LNTPAY_LND_RECEIVE_TOKEN", what)},
          {"lnd-pay", url, variables.required("LNTPAY_LND_PAY_TOKEN", what)}};
}

}  // namespace

std::expected<ProxySettings, std::string> read_settings(const EnvironmentVariables& environment) {
  Variables variables(environment);
  ProxySettings settings;
  auto& engine = settings.engine;
  engine.base_url = variables.url("LNTPAY_BASE_URL",
                                  variables.required("LNTPAY_BASE_URL", "set it to the URL at which clients reach this server"));
  Secrets secrets(variables);
  const auto pepper = secrets.key("pepper");
  engine.peppers.push_back({"1", Secret::copy_of(ByteView(pepper))});
  engine.seal.emplace_back("1", secrets.key("seal"));
  engine.cursor_key = Secret::copy_of(ByteView(secrets.key("cursor_key")));
  engine.gate_key = Secret::copy_of(ByteView(secrets.key("gate_key")));
  settings.operator_token = secrets.text("operator_token");
  engine.operator_hmac = hmac_sha256(pepper, bytes_of(settings.operator_token));
  settings.outside.etcd_urls = etcd_of(variables);
  settings.outside.etcd_authorization = variables.text("LNTPAY_ETCD_AUTHORIZATION");
  if (settings.outside.etcd_authorization.find_first_of("\r\n") != std::string::npos)
    variables.refuse("LNTPAY_ETCD_AUTHORIZATION must be one line");
  settings.outside.space = host::EtcdSpace(variables.text("LNTPAY_ETCD_PREFIX", "lntpay/"));
  settings.outside.upstreams = node_of(variables);
  settings.client_header = ascii_lower(variables.text("LNTPAY_CLIENT_HEADER"));
  engine.live_network = network_of(variables);
  engine.live_node = !settings.outside.upstreams.empty();
  engine.send_once = variables.flag("LNTPAY_SEND_ONCE");
  read_limits(variables, engine);
  constexpr std::string_view keep_events = "LNTPAY_KEEP_EVENTS_DAYS";
  engine.keep_events = days(variables.number(keep_events, variables.text(keep_events, "90"), keep_events_days_max, 0));
  engine.egress = egress_of(variables);
  if (!variables.error().empty()) return std::unexpected(variables.error());
  return settings;
}

}  // namespace lntpay::wasi_http
