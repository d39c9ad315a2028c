// Reserves a use for a request, and commits or releases it as the host reports.
#include "edge/engine/gate_inputs.hpp"

#include <algorithm>

#include "core/tenant/enter_tenant.hpp"
#include "edge/gate/gate_check.hpp"
#include "edge/http/answer.hpp"
#include "edge/http/request.hpp"

namespace lntpay {
namespace {

/// Limits how long a host may reuse a decision, so that a changed, revoked or deleted gate takes effect.
constexpr Millis decision_reuse_max = seconds(1);

/// The host sets this header and removes the client's.
std::optional<GateId> gate_of(const Request& request) { return GateId::parse(header(request, "lntpay-gate").value_or("")); }

Task<Result<>> guard(Context& cx, Request request, Outcome& outcome) {
  const auto gate = gate_of(request);
  if (!gate) co_return fail(ErrorCode::not_found, "There is no gate with this id. Set the header lntpay-gate to the id of a gate.");
  const auto at = co_await enter_gate(cx, *gate);
  auto resource = co_await request_match(request.method, split_target(request.target).first);
  auto client = client_of(request);
  const Visit visit{std::move(resource), std::move(request.headers), std::move(client)};
  auto verdict = co_await check_visit(cx, *at, visit, ClaimMode::reserve);
  if (const auto* passed = std::get_if<Passed>(&verdict)) {
    outcome.pass = passed->admission.text();
    outcome.response = Response{.status = 204, .headers = pass_headers(*passed), .body = {}};
    if (passed->good_for.value > 0) {
      const auto good_for = std::min(passed->good_for, decision_reuse_max);
      outcome.response->headers.push_back({"lntpay-good-for", std::to_string(good_for.value)});
    }
  } else {
    outcome.response = co_await refusal_answer(cx, *at, visit, std::move(std::get<Refused>(verdict)));
  }
  co_return {};
}

Task<Result<>> redeem(Context& cx, input::Redeemed redeemed) {
  const auto admission = Admission::parse(redeemed.redemption);
  if (!admission) co_return {};  // nothing was counted
  auto redemption = co_await find_redemption(cx, *admission->redemption);
  co_await enter_tenant(cx, redemption.tenant);
  const bool service_commits = redemption.commit == GateCommit::explicitly;
  if (redeemed.served && service_commits) co_return {};
  if (redeemed.served) {
    co_await commit_redemption(cx, std::move(redemption));
  } else {
    co_await release_redemption(cx, std::move(redemption), admission->reservation);
  }
  co_return {};
}

}  // namespace

Task<Outcome> run_gate(Context& cx, Request request) {
  const auto request_id = RequestId::generate(Shard{}, cx.now(), cx.random).text();
  cx.request_id = request_id;
  Outcome outcome;
  auto guarded = co_await attempt(guard(cx, std::move(request), outcome));
  if (!guarded) {
    outcome.response = error_answer(guarded.error(), request_id);
    if (is_logged(guarded.error())) outcome.log.push_back(request_id + " " + guarded.error().message);
  }
  if (!outcome.pass) finish(*outcome.response, request_id);
  co_return outcome;
}

Task<Outcome> run_redeemed(Context& cx, input::Redeemed redeemed) {
  Outcome outcome;
  const auto ended = co_await attempt(redeem(cx, std::move(redeemed)));
  if (!ended) outcome.log.push_back("redeemed: " + std::string(info(ended.error().code).name) + ": " + ended.error().message);
  outcome.response = ended ? empty_answer() : error_answer(ended.error(), {});
  co_return outcome;
}

Shard place_gate(const Request& request) {
  const auto id = gate_of(request);
  return id ? id->shard() : Shard{};
}

Shard place_redeemed(const input::Redeemed& redeemed) {
  const auto admission = Admission::parse(redeemed.redemption);
  return admission ? admission->redemption->shard() : Shard{};
}

}  // namespace lntpay
