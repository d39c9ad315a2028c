// Builds requests as the HTTP server does.
#include "tests/bench/client.hpp"

#include <algorithm>

#include "host-adapters/server/ops/secrets.hpp"
#include "host-adapters/server/ops/server_config.hpp"

namespace lntpay::bench {

double micros(Nanos time) { return std::chrono::duration<double, std::micro>(time).count(); }

std::string config() {
  const host::HostSecrets secrets{std::string(64, '1'), std::string(64, '2'), std::string(64, '3'), std::string(64, '4'),
                                  "lnt_operator_bench"};
  return host::engine_config({}, secrets, {.quota = 100'000'000, .window_s = 1}, "http://127.0.0.1:8402");
}

Input request(std::string method, std::string target, const std::string& token, std::string body, std::vector<Header> more) {
  std::vector<Header> headers{{"host", "127.0.0.1:8402"}, {"authorization", "Bearer " + token}};
  if (!body.empty()) headers.push_back({"content-type", "application/json"});
  headers.insert(headers.end(), more.begin(), more.end());
  return input::Http{{std::move(method), std::move(target), std::move(headers), std::move(body), "127.0.0.1"}};
}

std::string between(const std::string& text, std::string_view before, char end) {
  const auto at = text.find(before);
  if (at == std::string::npos) fail_bench("no " + std::string(before) + " in " + text);
  const auto from = at + before.size();
  return text.substr(from, text.find(end, from) - from);
}

std::unique_ptr<host::Instance> make(const host::MakeInstance& make_instance) {
  auto made = make_instance();
  if (!made) fail_bench(made.error());
  return std::move(*made);
}

std::string bootstrap(host::Instance& instance, host::Store& store, FixedMoments& moments) {
  LiveTimes times;
  store.begin_batch();
  const auto made = ask(instance, store, moments,
                        request("POST", "/v1/admin/workspaces", "lnt_operator_bench", R"({"name":"bench"})"), 201, times);
  store.end_batch();
  return between(made.body, R"("test":")", '"');
}

double lower_quartile(std::vector<double> values) { return percentile(std::move(values), 0.25); }

double percentile(std::vector<double> values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * share);
  std::ranges::nth_element(values, at);
  return *at;
}

}  // namespace lntpay::bench
