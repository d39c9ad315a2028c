// From the outside in: white space, scheme, parameter, then the kind of what is left.
#include "core/lightning/bolt11/pasted.hpp"

#include "core/base/ascii.hpp"

namespace lntpay::bolt11 {
namespace {

constexpr std::string_view pasted_blanks = " \t\r\n\v\f";

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(pasted_blanks);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(pasted_blanks) + 1 - first);
}

bool begins(std::string_view text, std::string_view with) { return equal_ignoring_case(text.substr(0, with.size()), with); }

/// Removes the scheme, and "//" after it.
bool take_scheme(std::string_view& text, std::string_view scheme) {
  if (!begins(text, scheme)) return false;
  text.remove_prefix(scheme.size());
  if (text.starts_with("//")) text.remove_prefix(2);
  return true;
}

/// The value of a parameter of a link; empty if it has none. Keys are in any case, as links in QR codes are in capitals.
std::string_view parameter(std::string_view link, std::string_view name) {
  for (auto at = link.find('?'); at != std::string_view::npos; at = link.find('&')) {
    link.remove_prefix(at + 1);
    const auto each = link.substr(0, link.find_first_of("&#"));
    const auto equals = each.find('=');
    if (equals != std::string_view::npos && equal_ignoring_case(each.substr(0, equals), name)) return each.substr(equals + 1);
  }
  return {};
}

/// name@domain, where the domain has a dot or a port ("localhost:8080").
bool is_lightning_address(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && !text.contains('/') &&
         text.find_first_of(".:", at + 2) != std::string_view::npos;
}

bool is_lnurl_link(std::string_view text) {
  for (const std::string_view scheme : {"lnurlp:", "lnurlw:", "lnurlc:", "keyauth:"}) {
    if (begins(text, scheme)) return true;
  }
  return (begins(text, "https:") || begins(text, "http:")) && begins(parameter(text, "lightning"), "lnurl1");
}

}  // namespace

std::expected<std::string_view, Rejection> pasted_invoice(std::string_view text) {
  text = without_blanks(text);
  if (take_scheme(text, "bitcoin:")) {
    const auto invoice = parameter(text, "lightning");
    if (invoice.empty())
      return reject(begins(parameter(text, "lno"), "lno1") ? Reason::offer_not_invoice : Reason::bitcoin_address_not_invoice);
    text = invoice;
  } else {
    take_scheme(text, "lightning:");
  }
  if (begins(text, "lno1")) return reject(Reason::offer_not_invoice);
  if (begins(text, "lnurl1") || is_lnurl_link(text)) return reject(Reason::lnurl_not_invoice);
  if (is_lightning_address(text)) return reject(Reason::lightning_address_not_invoice);
  return text;
}

}  // namespace lntpay::bolt11
