// The lines of a passage, and its end.
#include "edge/gate/passage.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/integer.hpp"
#include "core/gate/browser.hpp"
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

/// What the service reports, in msat; nullopt: none, or no whole number.
std::optional<Msat> reported_price(std::string_view line) {
  return parse_integer<std::uint64_t>(trimmed(line)).transform([](std::uint64_t msat) { return Msat{msat}; });
}

/// For the client, in place of the service's line.
std::vector<Header> price_lines(const SteppedRedemption& ended) {
  if (!ended.credit) return {};
  return {{"lntpay-price", std::to_string(ended.price.value_or(Msat{}).value)},
          {"lntpay-credit", std::to_string(ended.credit->value)}};
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
  auto text =
      admitted + " " + word(request.method) + " " + word(request.host) + " " + word(request.path) + " " + word(challenge_id);
  return cookie.empty() ? text : text + " " + cookie;
}

std::optional<OpenPassage> OpenPassage::parse(std::string_view text) {
  auto admission = Admission::parse(row::cut(text, ' '));
  if (!admission) return std::nullopt;
  OpenPassage open{.admission = std::move(*admission), .request = {}, .challenge_id = {}};
  open.request.method = cut_word_of(text);
  open.request.host = cut_word_of(text);
  open.request.path = cut_word_of(text);
  open.challenge_id = cut_word_of(text);
  open.cookie = text;
  return open;
}

Passage passage_of(const Context& cx, const Visit& visit, const Passed& passed) {
  auto passage = stripped(visit);
  const auto& [redemption, reservation, max_price] = passed.admission;
  if (redemption) {
    const ServedRequest request{visit.asked.method, std::string(only_line(visit.headers, "host").value.value_or("")),
                                visit.asked.path};
    passage.redemption = OpenPassage{passed.admission, request, passed.challenge_id, passed.cookie}.text();
    passage.add.push_back({"lntpay-redemption-id", redemption->text()});
    passage.add.push_back({"lntpay-reservation", std::to_string(reservation)});
    if (max_price) passage.add.push_back({"lntpay-max-price", std::to_string(max_price->value)});
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
  const auto& [redemption, reservation, max_price] = passed.admission;
  std::vector<Header> headers{{"lntpay-redemption-id", redemption ? redemption->text() : ""},
                              {"lntpay-reservation", redemption ? std::to_string(reservation) : ""}};
  if (max_price) headers.push_back({"lntpay-max-price", std::to_string(max_price->value)});
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
  SteppedRedemption ended;
  if (!end.commit && !is_repeat) {
    ended = co_await release_redemption(cx, redemption, reservation, {}, end.opened_path);
    // Without a redirect left it ends as one that leads elsewhere.
    end.commit = end.opened_path && !ended.may_redirect;
  }
  if (end.commit && !is_repeat && !service_commits)
    ended = co_await commit_redemption(cx, redemption, {}, reported_price(response.price));
  auto lines = price_lines(ended);
  if (end.commit && (!service_commits || co_await is_committed(cx, redemption)))
    lines.push_back(receipt(cx, redemption.payment_hash, open.challenge_id));
  if (end.opened_path && !end.commit && !is_repeat) {
    const auto cookie = moved_cookie(open.cookie, {{}, open.request.path}, {{}, *end.opened_path});
    if (cookie) lines.push_back({"set-cookie", *cookie});
  }
  co_return std::move(lines);
}

}  // namespace lntpay
