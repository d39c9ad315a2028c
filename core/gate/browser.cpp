// Cookies.
#include "core/gate/browser.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {
namespace {

constexpr std::size_t mac_size = 16;

std::string prefix_of(const EnteredGate& at) { return "lntpay_" + at.gate.id.text() + "_"; }

/// The cookie of one invoice, named by half of its hash.
std::string name_of(const EnteredGate& at, const Bytes32& payment_hash) { return prefix_of(at) + hex(payment_hash).substr(0, 32); }

std::string mac_of(ByteView gate_secret, const Macaroon& token) {
  const auto mac = hmac_sha256(gate_secret, {bytes_of("cookie\n"), bytes_of(token.binary())});
  return base64(Base64::url_unpadded, ByteView(mac).first(mac_size));
}

std::string_view cookie_path(const RequestMatch& match) {
  std::string_view path = match.path;
  if (path.ends_with("/*")) path.remove_suffix(2);
  if (path.ends_with('/')) path.remove_suffix(1);  // it is sent with and without the slash
  // An attribute cannot contain ";": cut the path before its segment.
  if (const auto odd = path.find(';'); odd != std::string_view::npos) path = path.substr(0, path.rfind('/', odd));
  return path.empty() ? "/" : path;
}

bool is_secure(const Context& cx, const std::vector<Header>& headers) {
  const auto scheme = std::ranges::find(headers, "x-forwarded-proto", &Header::name);
  return scheme == headers.end() ? cx.settings.base_url.starts_with("https:") : equal_ignoring_case(scheme->value, "https");
}

/// Whether a cookie with this Path is sent to that path (RFC 6265, section 5.1.4).
bool is_sent_to(std::string_view cookie_path, std::string_view path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') || path[cookie_path.size()] == '/';
}

/// The attributes that a browser's cookie has beside its Path.
std::string cookie_attributes(Context& cx, UnixMillis valid_until, const std::vector<Header>& headers) {
  const auto life = valid_until > cx.now() ? (valid_until - cx.now()).value / 1'000 : 0;
  return "; Max-Age=" + std::to_string(life) + "; HttpOnly; SameSite=Lax" + (is_secure(cx, headers) ? "; Secure" : "");
}

/// Values of the cookies with this name prefix (RFC 6265, section 4.2).
std::vector<std::string_view> cookies(const std::vector<Header>& headers, std::string_view prefix) {
  std::vector<std::string_view> values;
  for (const auto& header : headers) {
    if (header.name != "cookie") continue;
    std::string_view rest = header.value;
    while (!rest.empty() && values.size() < browser_cookies_max) {
      auto pair = row::cut(rest, ';');
      pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
      if (!pair.starts_with(prefix)) continue;
      if (const auto equals = pair.find('='); equals != std::string_view::npos) values.push_back(pair.substr(equals + 1));
    }
  }
  return values;
}

std::optional<Proof> read_cookie(ByteView gate_secret, std::string_view value) {
  const auto dot = value.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto binary = base64_decode(Base64::url_unpadded, value.substr(0, dot));
  if (!binary) return std::nullopt;
  const auto token = Macaroon::parse(*binary);
  if (!token || !constant_time_equal(bytes_of(value.substr(dot + 1)), bytes_of(mac_of(gate_secret, *token)))) return std::nullopt;
  auto issued = open_credential(L402Credential{*token, {}}, gate_secret);
  return issued ? std::optional(std::move(issued->proof)) : std::nullopt;
}

std::optional<BrowserProof> read_under_any(const EnteredGate& at, std::string_view value) {
  if (auto proof = read_cookie(at.secret.reveal(), value)) return BrowserProof{std::move(*proof), value};
  for (const auto& former : at.former_secrets) {
    if (auto proof = read_cookie(former.reveal(), value)) return BrowserProof{std::move(*proof), value, true};
  }
  return std::nullopt;
}

}  // namespace

bool is_browser(const std::vector<Header>& headers) {
  return std::ranges::any_of(
      headers, [](const Header& header) { return header.name == "accept" && ascii_lower(header.value).contains("text/html"); });
}

std::string browser_cookie(Context& cx, const EnteredGate& at, const Charge& charge, const Terms& terms,
                           const std::vector<Header>& headers) {
  const auto token = issue_macaroon(at.secret.reveal(), charge.payment_hash, cx.random.bytes32(), terms);
  return name_of(at, charge.payment_hash) + "=" + base64(Base64::url_unpadded, bytes_of(token.binary())) + "." +
         mac_of(at.secret.reveal(), token) + "; Path=" + std::string(cookie_path(terms.match)) +
         cookie_attributes(cx, terms.valid_until, headers);
}

std::string movable_cookie(Context& cx, const EnteredGate& at, const BrowserProof& shown, const std::vector<Header>& headers) {
  return std::string(cookie_path(shown.proof.terms.match)) + " " + name_of(at, shown.proof.payment_hash) + "=" +
         std::string(shown.cookie) + cookie_attributes(cx, shown.proof.terms.valid_until, headers);
}

std::optional<std::string> moved_cookie(std::string_view movable, const RequestMatch& from, const RequestMatch& to) {
  const auto path = cookie_path(to);
  const auto sold_for = row::cut(movable, ' ');
  if (movable.empty() || is_sent_to(sold_for, path) || is_sent_to(cookie_path(from), path)) return std::nullopt;
  return std::string(movable).append("; Path=").append(path);
}

std::string cleared_cookie(const EnteredGate& at, const Bytes32& payment_hash, const RequestMatch& match) {
  return name_of(at, payment_hash) + "=; Path=" + std::string(cookie_path(match)) + "; Max-Age=0";
}

std::vector<BrowserProof> read_browser_cookies(Context& cx, const EnteredGate& at, const std::vector<Header>& headers) {
  std::vector<BrowserProof> proofs;
  for (const auto value : cookies(headers, prefix_of(at))) {
    auto read = read_under_any(at, value);
    if (read && read->proof.terms.valid_until > cx.now()) proofs.push_back(std::move(*read));
  }
  return proofs;
}

}  // namespace lntpay
