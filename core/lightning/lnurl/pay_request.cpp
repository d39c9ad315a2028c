// Services are strangers: every member is checked, and what is shown of a text is cut.
#include "core/lightning/lnurl/pay_request.hpp"

#include <algorithm>
#include <cstdint>
#include <variant>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/utf8.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay::lnurl {
namespace {

/// Whether a character of three bytes changes the direction of the text after it (Unicode, UAX 9: U+200E, U+200F, U+202A to U+202E,
/// U+2066 to U+2069).
bool is_direction(std::string_view three) {
  return three == "\u200e" || three == "\u200f" || (three >= "\u202a" && three <= "\u202e") ||
         (three >= "\u2066" && three <= "\u2069");
}

/// A text of the service, for an error: one line of at most 200 bytes, in its own direction.
std::string shown(std::string_view text) {
  std::string line = replace_ill_formed(text.substr(0, 200));
  std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  for (std::size_t i = 0; i < line.size();) {
    if (is_direction(std::string_view(line).substr(i, 3))) {
      line.erase(i, 3);
    } else {
      ++i;
    }
  }
  return line;
}

const std::string* text_member(const Json& object, std::string_view name) {
  const auto* member = object.find(name);
  return member != nullptr && member->kind == Json::Kind::text ? &member->text : nullptr;
}

std::expected<Json, std::string> read_object(std::string_view body) {
  auto json = read_json(body);
  if (!json || json->kind != Json::Kind::object) return std::unexpected("its response is not JSON");
  if (const auto* status = text_member(*json, "status"); status != nullptr && ascii_lower(*status) == "error") {
    const auto* reason = text_member(*json, "reason");
    return std::unexpected("its service answers: " + (reason != nullptr ? shown(*reason) : std::string("no reason")));
  }
  return std::move(*json);
}

bool has_one_plain_text(std::string_view metadata) {
  const auto list = read_json(metadata);
  if (!list || list->kind != Json::Kind::array) return false;
  return std::ranges::count_if(list->items, [](const Json& entry) {
           return entry.kind == Json::Kind::array && entry.items.size() == 2 && entry.items[0].text == "text/plain" &&
                  entry.items[1].kind == Json::Kind::text;
         }) == 1;
}

/// Of RFC 3986's unreserved characters only.
std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || std::string_view("-._~").contains(c)) {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += '%';
      for (const char digit : hex({&byte, 1})) out += digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
    }
  }
  return out;
}

}  // namespace

std::expected<PayRequest, std::string> read_pay_request(std::string_view body) {
  const auto json = read_object(body);
  if (!json) return std::unexpected(json.error());
  const auto* tag = text_member(*json, "tag");
  if (tag == nullptr || *tag != "payRequest") return std::unexpected("it is not an LNURL that can be paid (tag payRequest)");
  const auto* callback = text_member(*json, "callback");
  const auto* metadata = text_member(*json, "metadata");
  const auto whole = [&json](std::string_view name) {
    const auto* member = json->find(name);
    return member != nullptr ? member->whole() : std::nullopt;
  };
  const auto least = whole("minSendable");
  const auto most = whole("maxSendable");
  if (callback == nullptr || metadata == nullptr || !least || !most || *most == 0 || *least > *most)
    return std::unexpected("its response lacks callback, metadata, minSendable or maxSendable");
  if (!has_one_plain_text(*metadata)) return std::unexpected("its metadata is not a list with one text/plain");
  return PayRequest{.callback = *callback,
                    .least = {*least},
                    .most = {*most},
                    .metadata = *metadata,
                    .comment_length_max = whole("commentAllowed").value_or(0)};
}

std::expected<void, std::string> accepts(const PayRequest& request, Msat amount, std::string_view comment) {
  if (amount < request.least || amount > request.most) {
    return std::unexpected("it takes " + std::to_string(request.least.value) + " to " + std::to_string(request.most.value) +
                           " msat");
  }
  if (!comment.empty() && character_count(comment) > request.comment_length_max)
    return std::unexpected("it takes comments of at most " + std::to_string(request.comment_length_max) + " characters");
  return {};
}

std::string invoice_url(const PayRequest& request, Msat amount, std::string_view comment) {
  std::string url = request.callback;
  url += (url.contains('?') ? "&amount=" : "?amount=") + std::to_string(amount.value);
  if (!comment.empty()) url += "&comment=" + percent_encoded(comment);
  return url;
}

std::expected<std::string, std::string> read_invoice(std::string_view body) {
  const auto json = read_object(body);
  if (!json) return std::unexpected(json.error());
  const auto* invoice = text_member(*json, "pr");
  if (invoice == nullptr || invoice->empty()) return std::unexpected("its service returned no invoice");
  return *invoice;
}

std::expected<void, std::string> check_invoice(const bolt11::Invoice& invoice, const PayRequest& request, Msat amount) {
  if (invoice.amount != amount) return std::unexpected("its service returned an invoice of another amount");
  const auto* hash = std::get_if<bolt11::DescriptionHash>(&invoice.description);
  if (hash == nullptr || hash->sha256 != sha256(bytes_of(request.metadata)))
    return std::unexpected("its service returned an invoice that is not bound to its description");
  return {};
}

}  // namespace lntpay::lnurl
