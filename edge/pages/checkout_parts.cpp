// Amounts, times, the payee.
#include "edge/pages/checkout_parts.hpp"

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "edge/pages/html.hpp"

namespace lntpay {
namespace {

constexpr std::string_view payee_line = R"html(<p class="payee">{{logo}}<b>{{name}}</b></p>
)html";
constexpr std::string_view logo_image = R"html(<img src="{{url}}" alt="" width="40" height="40" referrerpolicy="no-referrer">)html";
constexpr std::string_view test_line = R"html(<p class="test">{{text}}</p>
)html";
constexpr std::string_view purpose_line = R"html(<p{{scroll}}>{{text}}</p>
)html";

}  // namespace

std::string page_sats(Msat amount, const PageTexts& texts) {
  auto whole = std::to_string(amount.value / 1'000);
  for (auto at = static_cast<std::ptrdiff_t>(whole.size()) - 3; at > 0; at -= 3) {
    whole.insert(static_cast<std::size_t>(at), texts.group_mark);
  }
  const auto rest = amount.value % 1'000;
  if (rest == 0) return whole;
  auto digits = std::to_string(1'000 + rest).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return whole.append(texts.decimal_mark).append(digits);
}

std::string page_amount(const Charge& charge, const PageTexts& texts) {
  const auto& [min, max] = charge.bounds;
  if (charge.amount) return page_sats(*charge.amount, texts);
  if (min && max) return page_sats(*min, texts).append("–").append(page_sats(*max, texts));
  if (min) return "≥ " + page_sats(*min, texts);
  return max ? "≤ " + page_sats(*max, texts) : std::string();
}

std::string page_time(UnixMillis at) {
  const auto text = rfc3339(at);
  return R"(<time datetime=")" + text + "\">" + text.substr(0, 10) + " " + text.substr(11, 5) + " UTC</time>";
}

std::string page_payee(const PageLook& look) {
  if (look.display_name.empty() && look.logo_url.empty()) return {};
  const auto logo = look.logo_url.empty() ? std::string() : fill(logo_image, {{"url", look.logo_url}});
  return fill(payee_line, {{"logo", logo, true}, {"name", look.display_name}});
}

std::string page_test_note(const PageTexts& texts) { return fill(test_line, {{"text", texts.test_note}}); }

std::string_view purpose_of(const Charge& charge) {
  const bool of_a_gate = charge.external_id.starts_with(GateIdTag::prefix);
  return of_a_gate && charge.description.contains('*') ? std::string_view() : std::string_view(charge.description);
}

std::string reference_of(const Charge& charge) { return charge.id.text().empty() ? hex(charge.payment_hash) : charge.id.text(); }

std::string_view scroll_attributes(std::string_view text) {
  constexpr std::size_t short_text_max = 160;
  return text.size() > short_text_max ? std::string_view(R"( class="scroll" tabindex="0")") : std::string_view();
}

std::string page_purpose(const Charge& charge) {
  const auto purpose = purpose_of(charge);
  return purpose.empty() ? std::string() : fill(purpose_line, {{"scroll", scroll_attributes(purpose), true}, {"text", purpose}});
}

}  // namespace lntpay
