// Choosing the language. A region is ignored: "de-AT" is German.
#include "edge/pages/texts/page_texts.hpp"

#include "core/base/ascii.hpp"
#include "edge/pages/texts/texts_de.hpp"
#include "edge/pages/texts/texts_en.hpp"
#include "edge/pages/texts/texts_es.hpp"
#include "edge/pages/texts/texts_fr.hpp"
#include "edge/pages/texts/texts_pt.hpp"

namespace lntpay {
namespace {

constexpr const PageTexts* page_languages[] = {&texts_en, &texts_de, &texts_es, &texts_pt, &texts_fr};

/// The weight of "de-AT;q=0.8" in thousandths; 0 if it is malformed.
int weight_of(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return 1'000;
  parameters.remove_prefix(at + 2);
  int weight = 0;
  int scale = 1'000;
  for (const char c : trimmed(parameters)) {
    if (c == '.' && scale == 100) continue;
    if (!is_digit(c) || scale == 0) return 0;
    weight += (c - '0') * scale;
    scale /= 10;
  }
  return weight;
}

const PageTexts* texts_of(std::string_view tag) {
  for (const auto* texts : page_languages) {
    if (equal_ignoring_case(tag.substr(0, tag.find('-')), texts->language)) return texts;
  }
  return nullptr;
}

}  // namespace

const PageTexts& page_texts_for(std::string_view accept_language) {
  const PageTexts* best = &texts_en;
  int best_weight = 0;
  while (!accept_language.empty()) {
    const auto end = accept_language.find(',');
    const auto range = trimmed(accept_language.substr(0, end));
    accept_language = end == std::string_view::npos ? std::string_view() : accept_language.substr(end + 1);
    const auto tag_end = range.find(';');
    const auto* texts = texts_of(trimmed(range.substr(0, tag_end)));
    const int weight = tag_end == std::string_view::npos ? 1'000 : weight_of(range.substr(tag_end));
    if (texts == nullptr || weight <= best_weight) continue;
    best = texts;
    best_weight = weight;
  }
  return *best;
}

}  // namespace lntpay
