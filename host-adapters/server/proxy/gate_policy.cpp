// Each decision is a session of the engine, unless the gate has granted a span of time.
#include "host-adapters/server/proxy/gate_policy.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "host-adapters/server/http/asio.hpp"
#include "host-adapters/server/proxy/problem_response.hpp"

namespace lntpay::host {

namespace asio = boost::asio;

GatePolicy::GatePolicy(asio::io_context& io, Submit submit, std::string gate)
    : io_(io), submit_(std::move(submit)), gate_(std::move(gate)) {}

asio::awaitable<GateDecision> GatePolicy::decide(const Request& request) {
  static const auto no_headers = std::make_shared<const std::vector<Header>>();
  if (gate_.empty()) co_return GateDecision{.headers = no_headers};
  auto key = KnownPasses::key_of(request);
  const auto asked_at = KnownPasses::Clock::now();
  if (auto known = key ? passes_.find(*key, asked_at) : nullptr) co_return GateDecision{.headers = std::move(known)};
  auto visit = request;
  visit.headers.push_back({"lntpay-gate", gate_});
  auto outcome = co_await submit(input::Gate{std::move(visit)});
  if (outcome.pass) {
    const auto headers = std::make_shared<const std::vector<Header>>(std::move(outcome.response->headers));
    if (key) passes_.keep(std::move(*key), headers, asked_at);
    co_return GateDecision{.headers = headers, .pass = std::move(*outcome.pass)};
  }
  if (!outcome.response) outcome.response = problem(503, "Service Unavailable", "The gate did not respond. Try again.");
  co_return GateDecision{.response = std::move(outcome.response)};
}

asio::awaitable<bool> GatePolicy::redeem(const std::string& pass, bool served) {
  constexpr int attempts_max = 3;
  constexpr std::chrono::milliseconds retry_after{100};
  if (pass.empty()) co_return true;  // nothing is counted
  for (int i = 0; i < attempts_max; ++i) {
    const auto outcome = co_await submit(input::Redeemed{pass, served});
    if (outcome.response && outcome.response->status == 204) co_return true;
    asio::steady_timer pause(io_, retry_after);
    co_await pause.async_wait(as_result);
  }
  co_return false;
}

asio::awaitable<Response> GatePolicy::refuse(Refusal why) {
  auto outcome = co_await submit(input::Refused{why});
  co_return std::move(outcome.response).value_or(problem(400, "Bad Request", ""));
}

asio::awaitable<Outcome> GatePolicy::submit(Input input) {
  const auto start = [this](auto handler, Input asked) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    submit_(std::move(asked), [&io = io_, shared](Outcome outcome) {
      asio::post(io, [shared, outcome = std::move(outcome)]() mutable { std::move (*shared)(std::move(outcome)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(start, asio::use_awaitable,
                                                                                        std::move(input));
}

}  // namespace lntpay::host
