// The forms of a destination, by their beginnings.
#include "core/lightning/lnurl/destination.hpp"

#include <algorithm>
#include <vector>

#include "core/base/ascii.hpp"
#include "core/base/bytes.hpp"
#include "core/lightning/bolt11/bech32.hpp"

namespace lntpay::lnurl {
namespace {

bool is_loopback(std::string_view host) {
  host = host.substr(0, host.rfind(':'));
  return host == "localhost" || (host.starts_with("127.") && std::ranges::none_of(host, is_letter));
}

std::string scheme_for(std::string_view host) { return is_loopback(host) ? "http://" : "https://"; }

/// Takes `prefix` from the beginning of the text, in either case.
bool take(std::string_view& text, std::string_view prefix) {
  if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::expected<std::string, std::string> url_in_bech32(std::string_view text) {
  bolt11::Bech32 lnurl;
  if (!bolt11::Bech32::read(text, lnurl) || lnurl.prefix() != "lnurl" || !bolt11::padding_is_zero(lnurl.data()))
    return std::unexpected("it is not a valid LNURL: a character is missing or wrong");
  Bytes bytes(lnurl.data().size() * 5 / 8);
  bolt11::pack(lnurl.data(), bytes);
  return std::string(bytes.begin(), bytes.end());
}

/// LUD-16: of the characters a-z0-9-_.+, where capitals are meant as small letters.
std::expected<std::string, std::string> url_of_address(std::string_view address) {
  const auto at = address.find('@');
  const auto name = ascii_lower(address.substr(0, at));
  const auto domain = ascii_lower(address.substr(at + 1));
  const auto is_of_name = [](char c) { return is_letter(c) || is_digit(c) || std::string_view("-_.+").contains(c); };
  const auto is_of_domain = [](char c) { return is_letter(c) || is_digit(c) || std::string_view("-.:").contains(c); };
  if (name.empty() || domain.empty() || !std::ranges::all_of(name, is_of_name) || !std::ranges::all_of(domain, is_of_domain))
    return std::unexpected("it is not a Lightning address, such as name@example.com");
  return scheme_for(domain) + domain + "/.well-known/lnurlp/" + name;
}

}  // namespace

std::string lnurl_of(std::string_view url) {
  std::vector<std::uint8_t> groups;
  unsigned pending = 0;
  unsigned bits = 0;
  for (const char c : url) {
    pending = (pending << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) groups.push_back((pending >> (bits - 5)) & 31U);
  }
  if (bits > 0) groups.push_back((pending << (5 - bits)) & 31U);
  return bolt11::bech32("lnurl", groups);
}

std::expected<std::string, std::string> pay_request_url(std::string_view destination) {
  auto text = trimmed(destination);
  if (take(text, "lightning:")) take(text, "//");
  if (equal_ignoring_case(text.substr(0, 6), "lnurl1")) return url_in_bech32(text);
  if (take(text, "lnurlp:")) {
    take(text, "//");
    return scheme_for(text.substr(0, text.find_first_of("/?"))) + std::string(text);
  }
  if (text.starts_with("https://") || text.starts_with("http://")) return std::string(text);
  if (text.contains('@')) return url_of_address(text);
  return std::unexpected("it is neither a Lightning address (name@example.com) nor an LNURL");
}

}  // namespace lntpay::lnurl
