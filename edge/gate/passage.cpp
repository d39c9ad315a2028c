// The lines of a passage, and its end.
#include "edge/gate/passage.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/request/header_line.hpp"
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {
namespace {

/// Limits how long a host may reuse a decision, so that a changed, revoked or closed gate takes effect.
constexpr Millis decision_reuse_max = seconds(1);
constexpr std::string_view nothing = "-";

Passage stripped(const Visit& visit) {
  const auto& names = credential_header_names;
  return {.redemption = {},
          .remove = {std::begin(names), std::end(names)},
          .add = read_credential_headers(visit.headers).rest,
          .respond = {},
          .cors = {}};
}

std::string word(std::string_view text) { return std::string(text.empty() || text.contains(' ') ? nothing : text); }

std::string cut_word_of(std::string_view& text) {
  const auto found = row::cut(text, ' ');
  return found == nothing ? std::string() : std::string(found);
}

Header receipt(const Context& cx, const Bytes32& payment_hash, std::string_view challenge_id) {
  return {"payment-receipt", payment_receipt(cx.now(), hex(payment_hash), challenge_id)};
}

/// The gate's settings now, where the end depends on them; the defaults if it has ended.
Task<Result<Gate>> settings_for(Context& cx, const Redemption& redemption, std::uint16_t status) {
  if (status < 300 || status >= 400) co_return Gate{};
  const auto at = co_await attempt(enter_gate(cx, redemption.gate));
  if (at) co_return (*at)->gate;
  if (at.error().code == ErrorCode::not_found) co_return Gate{};
  co_return std::unexpected(at.error());
}

}  // namespace

std::string OpenPassage::text() const {
  const auto admitted = admission.text();
  if (admitted.empty()) return {};
  return admitted + " " + word(request.method) + " " + word(request.host) + " " + word(request.path) + " " + word(challenge_id);
}

std::optional<OpenPassage> OpenPassage::parse(std::string_view text) {
  auto admission = Admission::parse(row::cut(text, ' '));
  if (!admission) return std::nullopt;
  OpenPassage open{.admission = std::move(*admission), .request = {}, .challenge_id = {}};
  open.request.method = cut_word_of(text);
  open.request.host = cut_word_of(text);
  open.request.path = cut_word_of(text);
  open.challenge_id = cut_word_of(text);
  return open;
}

Passage passage_of(const Context& cx, const Visit& visit, const Passed& passed) {
  auto passage = stripped(visit);
  const auto& [redemption, reservation] = passed.admission;
  if (redemption) {
    const ServedRequest request{visit.asked.method, std::string(only_line(visit.headers, "host").value.value_or("")),
                                visit.asked.path};
    passage.redemption = OpenPassage{passed.admission, request, passed.challenge_id}.text();
    passage.add.push_back({"lntpay-redemption-id", redemption->text()});
    passage.add.push_back({"lntpay-reservation", std::to_string(reservation)});
  } else {
    passage.respond.push_back(receipt(cx, passed.payment_hash, passed.challenge_id));
    passage.good_for_ms = static_cast<std::uint32_t>(std::min(passed.good_for, decision_reuse_max).value);
  }
  passage.cors = {{"access-control-allow-origin", "*"}, {"access-control-expose-headers", "*"}};
  return passage;
}

Passage preflight_passage(const Visit& visit) {
  auto passage = stripped(visit);
  passage.bodiless = true;
  return passage;
}

std::vector<Header> authorization_headers(const Context& cx, const Passed& passed, ClaimMode how) {
  const auto& [redemption, reservation] = passed.admission;
  std::vector<Header> headers{{"lntpay-redemption-id", redemption ? redemption->text() : ""},
                              {"lntpay-reservation", redemption ? std::to_string(reservation) : ""}};
  const bool is_repeat = redemption && reservation == 0;
  if (!redemption || is_repeat || how == ClaimMode::commit)
    headers.push_back(receipt(cx, passed.payment_hash, passed.challenge_id));
  return headers;
}

Task<Result<std::vector<Header>>> end_passage(Context& cx, OpenPassage open, ProtectedResponse response) {
  const auto redemption = co_await find_redemption(cx, *open.admission.redemption);
  co_await enter_tenant(cx, redemption.tenant);
  const auto gate = co_await settings_for(cx, redemption, response.status);
  auto end = end_of_use(open.request, {response.status, response.location}, gate.match, gate.not_modified);
  const auto reservation = open.admission.reservation;
  const bool is_repeat = reservation == 0;
  const bool service_commits = redemption.commit == GateCommit::explicitly;
  if (!end.commit && !is_repeat) co_await release_redemption(cx, redemption, reservation, {}, std::move(end.opened_path));
  if (end.commit && !is_repeat && !service_commits) co_await commit_redemption(cx, redemption);
  if (!end.commit || (service_commits && !co_await is_committed(cx, redemption))) co_return std::vector<Header>{};
  co_return std::vector{receipt(cx, redemption.payment_hash, open.challenge_id)};
}

}  // namespace lntpay
