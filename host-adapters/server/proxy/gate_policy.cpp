// Each decision is a session of the engine, unless the gate has granted a span of time.
#include "host-adapters/server/proxy/gate_policy.hpp"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "edge/gate/gate_check.hpp"
#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/proxy/problem_response.hpp"

namespace lntpay::host {

namespace asio = boost::asio;

GatePolicy::GatePolicy(asio::io_context& io, Submit submit, std::string gate)
    : io_(io), submit_(std::move(submit)), gate_(std::move(gate)) {}

asio::awaitable<GateDecision> GatePolicy::decide(const Request& request, std::optional<std::uint64_t> size,
                                                 std::optional<SoldWhile> sold) {
  static const auto unchanged = std::make_shared<const Passage>();
  if (gate_.empty()) co_return GateDecision{.passage = unchanged};
  const auto asked_at = KnownPasses::Clock::now();
  const bool is_for_all_hosts = !sold;  // a gate may have had the price of a path on one host only
  if (auto known = is_for_all_hosts ? passes_.find(request, asked_at) : nullptr)
    co_return GateDecision{.passage = std::move(known)};
  auto visit = request;
  visit.headers.push_back({"lntpay-gate", gate_});
  if (size) visit.headers.push_back({std::string(body_size_header), std::to_string(*size)});
  if (sold) visit.headers.push_back({std::string(sold_while_header), sold->text()});
  auto outcome = co_await ask_engine(io_, submit_, input::Gate{std::move(visit)});
  if (outcome.pass) {
    auto passage = std::make_shared<const Passage>(std::move(*outcome.pass));
    if (is_for_all_hosts) passes_.keep(request, passage, asked_at);
    co_return GateDecision{.passage = std::move(passage)};
  }
  if (!outcome.response) outcome.response = problem(503, "Service Unavailable", "The gate did not respond. Try again.");
  co_return GateDecision{.response = std::move(outcome.response)};
}

asio::awaitable<std::optional<std::vector<Header>>> GatePolicy::redeem(ProtectedResponse response) {
  constexpr int attempts_max = 3;
  constexpr std::chrono::milliseconds retry_after{100};
  if (response.redemption.empty()) co_return std::vector<Header>{};  // nothing is counted
  for (int i = 0; i < attempts_max; ++i) {
    auto outcome = co_await ask_engine(io_, submit_, input::Redeemed{response});
    if (outcome.response && outcome.response->status == 204) co_return std::move(outcome.response->headers);
    asio::steady_timer pause(io_, retry_after);
    co_await pause.async_wait(as_result);
  }
  co_return std::nullopt;
}

asio::awaitable<Response> GatePolicy::refuse(Refusal why) {
  auto outcome = co_await ask_engine(io_, submit_, input::Refused{why});
  co_return std::move(outcome.response).value_or(problem(400, "Bad Request", ""));
}

}  // namespace lntpay::host
