// How a charge ended: title, text and advice; the receipt of a payment; the ways on. Also the pages without a charge.
#include "edge/pages/checkout_end.hpp"

#include "core/base/encoding.hpp"
#include "core/charge/charge_renewal.hpp"
#include "edge/pages/checkout_parts.hpp"
#include "edge/pages/html.hpp"

namespace lntpay {
namespace {

constexpr std::string_view ended_body = R"html(<main class="{{mood}}"{{soon}}>
{{payee}}{{test}}<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/><path d="{{mark}}"/></svg>
<h1>{{title}}</h1>
<p role="status">{{text}}</p>
{{advice}}{{receipt}}{{ways}}</main>)html";

constexpr std::string_view advice_line = R"html(<p>{{text}}</p>
)html";
constexpr std::string_view soon_attributes = R"html( data-after-s="{{seconds}}" data-next="{{url}}" data-soon="{{text}}")html";
constexpr std::string_view soon_lines = R"html(<p class="soft" id="soon" hidden></p>
<button type="button" id="stay" hidden>{{stay}}</button>
)html";
constexpr std::string_view way_link = R"html(<a class="button{{first}}" href="{{url}}">{{text}}</a>
)html";
constexpr std::string_view renew_form =
    R"html(<form method="post" action="{{link}}/renew"><button class="first">{{text}}</button></form>
)html";
constexpr std::string_view print_button = R"html(<button type="button" id="print" hidden>{{text}}</button>
)html";
constexpr std::string_view receipt_line = R"html(<div><dt>{{label}}</dt><dd{{scroll}}>{{value}}</dd></div>
)html";

constexpr std::string_view tick_mark = "M14 25l7 7 14-15";
constexpr std::string_view cross_mark = "M17 17l14 14M31 17L17 31";
constexpr std::string_view bang_mark = "M24 13v14M24 34v.1";

/// A page without its ways on. The texts may have names that `values` fills.
struct Ending {
  std::string_view mood;
  std::string_view mark;
  std::string_view title;
  std::string_view text;
  std::string_view advice{};
};

Ending ending_of(const Charge& charge, const PageTexts& texts) {
  if (unlocks(charge)) return {"good", tick_mark, texts.paid_title, texts.paid_text};
  switch (charge.status) {
    case ChargeStatus::underpaid: return {"bad", bang_mark, texts.underpaid_title, texts.underpaid_text, texts.underpaid_advice};
    case ChargeStatus::paid_late: return {"bad", bang_mark, texts.late_title, texts.late_text, texts.late_advice};
    case ChargeStatus::canceled: return {"bad", cross_mark, texts.canceled_title, texts.canceled_text, texts.ask_advice};
    default:
      return {"bad", cross_mark, texts.expired_title, texts.expired_text,
              can_renew(charge) ? std::string_view() : texts.ask_advice};
  }
}

std::string receipt_of(const Checkout& checkout) {
  const auto& [charge, environment, now, link, look] = checkout;
  const auto& texts = *look.texts;
  std::string lines;
  const auto add = [&lines](std::string_view label, std::string_view value, bool markup = false) {
    if (value.empty()) return;
    lines +=
        fill(receipt_line, {{"label", label}, {"scroll", markup ? "" : scroll_attributes(value), true}, {"value", value, markup}});
  };
  const auto with_unit = [&texts](Msat amount) { return page_sats(amount, texts).append(" ").append(texts.unit); };
  if (!unlocks(charge) && (charge.amount || charge.bounds.min)) add(texts.due_label, with_unit(least_of(charge)));
  if (has_money(charge.status)) add(texts.amount_label, with_unit(charge.settled));
  if (has_money(charge.status)) add(texts.payee_label, look.display_name);
  add(texts.purpose_label, purpose_of(charge));
  if (charge.paid_at) add(texts.date_label, page_time(*charge.paid_at), true);
  const auto add_code = [&add](std::string_view label, std::string_view code) {
    add(label, R"(<span class="id">)" + std::string(code) + "</span>", true);
  };
  add_code(texts.reference_label, reference_of(charge));
  if (has_money(charge.status)) add_code(texts.hash_label, hex(charge.payment_hash));
  return "<dl>\n" + lines + "</dl>\n";
}

/// Where the page leads: on after a payment, to a new invoice, back.
std::string ways_of(const Checkout& checkout) {
  const auto& charge = checkout.charge;
  const auto& texts = *checkout.look.texts;
  std::string ways;
  const auto link = [](std::string_view url, std::string_view text, bool first) {
    return fill(way_link, {{"first", first ? " first" : ""}, {"url", url}, {"text", text}});
  };
  if (unlocks(charge) && !charge.success_url.empty()) {
    ways += link(charge.success_url, texts.go_on, true) + fill(soon_lines, {{"stay", texts.stay}});
  }
  if (can_renew(charge)) ways += fill(renew_form, {{"link", checkout.link}, {"text", texts.new_invoice}});
  if (has_money(charge.status)) ways += fill(print_button, {{"text", texts.print}});
  if (!has_money(charge.status) && !charge.cancel_url.empty()) ways += link(charge.cancel_url, texts.back, !can_renew(charge));
  return ways;
}

std::string page_of(const Ending& ending, const PageTexts& texts, std::vector<Part> parts) {
  parts.push_back({"mood", ending.mood});
  parts.push_back({"mark", ending.mark});
  parts.push_back({"title", ending.title});
  return page_framed(ending.title, fill(ended_body, parts), texts);
}

}  // namespace

std::string ended_page(const Checkout& checkout) {
  constexpr std::string_view leaves_after_s = "5";
  const auto& charge = checkout.charge;
  const auto& texts = *checkout.look.texts;
  const auto ending = ending_of(charge, texts);
  const auto amount = page_sats(least_of(charge), texts);
  const auto settled = page_sats(charge.settled, texts);
  const auto merchant = checkout.look.display_name.empty() ? texts.merchant : std::string_view(checkout.look.display_name);
  const auto filled = [&](std::string_view text) {
    return fill(text, {{"amount", amount}, {"settled", settled}, {"merchant", merchant}});
  };
  const auto advice = ending.advice.empty() ? std::string() : fill(advice_line, {{"text", filled(ending.advice), true}});
  const bool leaves = unlocks(charge) && !charge.success_url.empty();
  const auto soon =
      leaves ? fill(soon_attributes, {{"seconds", leaves_after_s}, {"url", charge.success_url}, {"text", texts.going_on}})
             : std::string();
  const bool test = checkout.environment == Environment::test;
  return page_of(ending, texts,
                 {{"soon", soon, true},
                  {"payee", page_payee(checkout.look), true},
                  {"test", test ? page_test_note(texts) : "", true},
                  {"text", filled(ending.text), true},
                  {"advice", advice, true},
                  {"receipt", receipt_of(checkout), true},
                  {"ways", ways_of(checkout), true}});
}

std::string missing_page(const PageTexts& texts) {
  return page_of({"bad", cross_mark, texts.missing_title, {}}, texts, {{"text", texts.missing_text}});
}

std::string later_page(std::string_view why, std::uint32_t again_after_s, std::string_view next, const PageTexts& texts) {
  const auto seconds = std::to_string(again_after_s);
  const auto soon = fill(soon_attributes, {{"seconds", seconds}, {"url", next}, {"text", texts.reloading}});
  const auto ways =
      fill(way_link, {{"first", " first"}, {"url", next}, {"text", texts.reload}}) + fill(soon_lines, {{"stay", texts.stay}});
  return page_of({"bad", bang_mark, texts.later_title, {}}, texts, {{"soon", soon, true}, {"text", why}, {"ways", ways, true}});
}

}  // namespace lntpay
