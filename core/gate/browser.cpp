// Cookies, and what the charge behind one says.
#include "core/gate/browser.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

constexpr std::size_t mac_size = 16;

std::string name_of(const GateAt& at) { return "lntpay_" + at.gate.id.text(); }

std::string mac_of(const GateAt& at, const Macaroon& token) {
  const auto mac = hmac_sha256(at.secret.reveal(), {bytes_of("cookie\n"), bytes_of(token.binary())});
  return base64(Base64::url_unpadded, ByteView(mac).first(mac_size));
}

/// So that two pages, each paid for, have two cookies of one name, and each request carries its own first (RFC 6265, section 5.4).
std::string_view cookie_path(const RequestMatch& match) {
  std::string_view path = match.path;
  if (path.ends_with("/*")) path.remove_suffix(2);
  // What cannot stand in an attribute is cut off, with the segment that it is in.
  if (const auto odd = path.find(';'); odd != std::string_view::npos) path = path.substr(0, path.rfind('/', odd));
  return path.empty() ? "/" : path;
}

/// The first cookie of that name in the request's Cookie lines (RFC 6265, section 4.2).
std::optional<std::string_view> cookie(const std::vector<Header>& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (header.name != "cookie") continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      auto pair = row::cut(rest, ';');
      pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
      if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_browser(const std::vector<Header>& headers) {
  return std::ranges::any_of(headers,
                             [](const Header& header) { return header.name == "accept" && header.value.contains("text/html"); });
}

std::string browser_cookie(Context& cx, const GateAt& at, const Charge& charge, const Terms& terms) {
  const auto token = issue_macaroon(at.secret.reveal(), charge.payment_hash, cx.random.bytes32(), terms);
  const auto life = terms.valid_until > cx.now() ? (terms.valid_until - cx.now()).value / 1'000 : 0;
  const bool secure = cx.settings.base_url.starts_with("https:");
  return name_of(at) + "=" + base64(Base64::url_unpadded, bytes_of(token.binary())) + "." + mac_of(at, token) +
         "; Path=" + std::string(cookie_path(terms.match)) + "; Max-Age=" + std::to_string(life) + "; HttpOnly; SameSite=Lax" +
         (secure ? "; Secure" : "");
}

std::optional<Proof> read_browser_cookie(Context& cx, const GateAt& at, const std::vector<Header>& headers) {
  const auto value = cookie(headers, name_of(at));
  if (!value) return std::nullopt;
  const auto dot = std::min(value->find('.'), value->size());
  const auto binary = base64_decode(Base64::url_unpadded, value->substr(0, dot));
  const auto token = binary ? Macaroon::parse(*binary) : fail(ErrorCode::unauthenticated);
  if (!token || dot == value->size()) return std::nullopt;
  if (!constant_time_equal(bytes_of(value->substr(dot + 1)), bytes_of(mac_of(at, *token)))) return std::nullopt;
  auto proof = issued(L402Credential{*token, {}}, at.secret.reveal());
  if (!proof || proof->terms.valid_until <= cx.now()) return std::nullopt;
  return std::move(*proof);
}

Task<Result<bool>> is_paid_for(Context& cx, const GateAt& at, Bytes32 payment_hash) {
  const auto finder = co_await cx.store.load<ChargeFinder>(finder_key(at.realm.environment, payment_hash));
  if (!finder || finder->record.workspace != at.realm.workspace) co_return false;
  const auto charge = co_await cx.store.load<Charge>(charge_key(at.realm, finder->record.charge));
  co_return charge&& unlocks(charge->record);
}

}  // namespace lntpay
