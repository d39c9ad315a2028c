// The table of reasons: complete and unique.
#include "core/lightning/bolt11/errors.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace errors_test {
using namespace lntpay::bolt11;

TEST_CASE("every reason has a unique name and sentence") {
  std::set<std::string_view> names;
  std::set<std::string_view> sentences;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    CAPTURE(std::string{name(reason)});
    CHECK(name(reason).find_first_not_of("abcdefghijklmnopqrstuvwxyz_8") == std::string_view::npos);
    CHECK(sentence(reason).ends_with('.'));
    names.insert(name(reason));
    sentences.insert(sentence(reason));
  }
  CHECK(names.size() == reason_count);
  CHECK(sentences.size() == reason_count);
}

}  // namespace errors_test
