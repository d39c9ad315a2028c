// Reserves a use for a request, and commits or releases it by the response that the host reports.
#include "edge/engine/gate_inputs.hpp"

#include "core/base/integer.hpp"
#include "edge/gate/gate_answer.hpp"
#include "edge/gate/passage.hpp"
#include "edge/http/answer.hpp"
#include "edge/http/request.hpp"

namespace lntpay {
namespace {

// The host sets these headers and removes the client's.
std::optional<GateId> gate_of(const Request& request) { return GateId::parse(header(request, "lntpay-gate").value_or("")); }

Task<Result<>> guard(Context& cx, Request request, Outcome& outcome) {
  const auto gate = gate_of(request);
  if (!gate) co_return fail(ErrorCode::not_found, "There is no gate with this id. Set the header lntpay-gate to the id of a gate.");
  const auto at = co_await enter_gate(cx, *gate);
  const auto [path, query] = split_target(request.target);
  auto asked = co_await request_match(request.method, path);
  auto client = gate_client_of(client_address(request));
  const auto size = parse_integer<std::uint64_t>(header(request, body_size_header).value_or(""));
  const auto sold = SoldWhile::parse(header(request, sold_while_header).value_or(""));
  const Visit visit{std::move(asked), std::string(query), std::move(request.headers), std::move(client), size, sold};
  if (is_preflight(visit)) {
    auto answer = co_await preflight_answer(*at, visit);
    if (at->gate.cors == GateCors::gate) {
      outcome.response = std::move(answer);
    } else {
      outcome.pass = preflight_passage(visit);
    }
    co_return {};
  }
  auto verdict = co_await check_visit(cx, *at, visit, ClaimMode::reserve);
  if (const auto* passed = std::get_if<Passed>(&verdict)) {
    outcome.pass = passage_of(cx, visit, *passed);
  } else if (sold) {
    outcome.response = plain_refusal(cx, std::get<Refused>(verdict));
  } else {
    outcome.response = co_await refusal_answer(cx, *at, visit, std::move(std::get<Refused>(verdict)));
  }
  co_return {};
}

Task<Result<std::vector<Header>>> redeem(Context& cx, ProtectedResponse response) {
  auto open = OpenPassage::parse(response.redemption);
  if (!open) co_return std::vector<Header>{};  // nothing was counted
  co_return co_await end_passage(cx, std::move(*open), std::move(response));
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
  if (outcome.response) finish(*outcome.response, request_id);
  co_return outcome;
}

Task<Outcome> run_redeemed(Context& cx, ProtectedResponse response) {
  Outcome outcome;
  const auto ended = co_await attempt(redeem(cx, std::move(response)));
  if (!ended) outcome.log.push_back("redeemed: " + std::string(info(ended.error().code).name) + ": " + ended.error().message);
  outcome.response = ended ? Response{.status = 204, .headers = *ended, .body = {}} : error_answer(ended.error(), {});
  co_return outcome;
}

Shard place_gate(const Request& request) {
  const auto id = gate_of(request);
  return id ? id->shard() : Shard{};
}

Shard place_redeemed(const ProtectedResponse& response) {
  const auto open = OpenPassage::parse(response.redemption);
  return open ? open->admission.redemption->shard() : Shard{};
}

}  // namespace lntpay
