// A deployment's settings, from environment variables. The names are those of the Cloudflare adapter where the thing is the same.
//
//   LNTPAY_BASE_URL      where clients reach the API, without a slash at its end
//   LNTPAY_SECRETS       what `node host-adapters/js/new-secrets.mjs` prints, and secrets.json of `lntpay serve` holds
//   LNTPAY_ETCD_URL      http://127.0.0.1:2379; several with commas between
//   LNTPAY_ETCD_AUTHORIZATION  what etcd, or a proxy before it, is to be sent as Authorization; nothing
//   LNTPAY_ETCD_PREFIX   before every key; lntpay/
//   LNTPAY_WEBHOOK_HOSTS where webhooks may go, with commas between; nowhere
//   LNTPAY_LIVE_NETWORK  bitcoin (default), testnet, signet, regtest
//   LNTPAY_LND_URL       of `lntpay node-proxy`, with LNTPAY_LND_RECEIVE_TOKEN and LNTPAY_LND_PAY_TOKEN
//   LNTPAY_SEND_ONCE     1: the runtime opens a connection for every request and repeats none, as `wasmtime serve` does; 0
//   LNTPAY_CLIENT_HEADER the header in which the proxy before this runtime names the visitor's address; without it all are one
//   visitor LNTPAY_RATE_LIMIT    requests/seconds of a workspace; 1000/60 LNTPAY_CHALLENGES_PER_CLIENT, LNTPAY_CHALLENGES_PER_GATE
//   new invoices of gates in ten minutes; 60, 10000 LNTPAY_ALLOW_LOOPBACK 1: webhooks of test keys may go to this machine
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host-adapters/wasi-http/performance.hpp"

namespace lntpay::wasi_http {

struct ProxySettings {
  std::string engine_config;  ///< what `configure` takes
  Outside outside;
  std::string operator_token;
  std::string client_header;  ///< lower case; empty: there is none
};

using EnvironmentVariables = std::vector<std::pair<std::string, std::string>>;

/// The error names the variable and says what to do.
std::expected<ProxySettings, std::string> read_settings(const EnvironmentVariables& environment);

}  // namespace lntpay::wasi_http
