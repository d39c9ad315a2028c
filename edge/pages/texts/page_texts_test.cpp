// The tables of texts, and the choice of a language.
#include "edge/pages/texts/page_texts.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <string>

namespace lntpay::page_texts_test {
namespace {

constexpr std::size_t texts_count = sizeof(PageTexts) / sizeof(std::string_view);

/// All members, in order: a table has nothing but texts.
std::array<std::string_view, texts_count> members_of(const PageTexts& texts) {
  std::array<std::string_view, texts_count> members;
  std::memcpy(static_cast<void*>(members.data()), &texts, sizeof(texts));
  return members;
}

std::string language(std::string_view accept) { return std::string(page_texts_for(accept).language); }

/// Which names a text has, in any order.
std::string names_in(std::string_view text) {
  std::string found;
  for (const std::string_view name : {"{{amount}}", "{{settled}}", "{{merchant}}", "{n}"}) {
    if (text.contains(name)) found += name;
  }
  return found;
}

}  // namespace

TEST_CASE("the most preferred language that we have is chosen") {
  for (const auto* accept : {"", "en", "ja", "*", "ja, zh;q=0.9", ",", ";q=1", "de;q=0", "de;q=x", "de;q=0.12345", "deutsch"}) {
    CAPTURE(accept);
    CHECK(language(accept) == "en");
  }
  CHECK(language("de") == "de");
  CHECK(language("de-AT, en;q=0.8") == "de");
  CHECK(language("PT-br") == "pt");
  CHECK(language("ja,fr-CH;q=0.9,en;q=0.8") == "fr");
  CHECK(language("en;q=0.3, es;q=0.75, de ; q=0.7") == "es");
  CHECK(language("de;q=1.0,fr;q=1") == "de");
  CHECK(language("en;q=0.001,pt;q=0") == "en");
}

TEST_CASE("every language has every text, with the same names") {
  const auto english = members_of(page_texts_for("en"));
  for (const auto* each : {"de", "es", "pt", "fr"}) {
    CAPTURE(each);
    const auto& texts = page_texts_for(each);
    CHECK(texts.language == each);
    const auto members = members_of(texts);
    for (std::size_t i = 0; i < texts_count; ++i) {
      CAPTURE(english[i]);
      CHECK_FALSE(members[i].empty());
      CHECK(names_in(members[i]) == names_in(english[i]));
    }
  }
}

}  // namespace lntpay::page_texts_test
