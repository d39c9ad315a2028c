#include "edge/pages/html.hpp"

#include <doctest/doctest.h>

namespace html_test {
using namespace lntpay;

TEST_CASE("inserted values are escaped") {
  CHECK(
      fill("<p title=\"{{a}}\">{{a}}</p>", {{"a", R"("><script>alert('1')</script>&)"}}) ==
      "<p title=\"&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;\">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/"
      "script&gt;&amp;</p>");
  CHECK(fill("{{a}}", {{"a", "{{b}}"}, {"b", "never"}}) == "{{b}}");
}

TEST_CASE("markup is inserted as it is, and unknown names are left out") {
  CHECK(fill("{{a}}", {{"a", "<b>1</b>", true}}) == "<b>1</b>");
  CHECK(fill("1{{a}}2", {}) == "12");
  CHECK(fill("1{{a", {{"a", "2"}}) == "12");
  CHECK(fill("1{{", {}) == "1");
  CHECK(fill("", {}).empty());
}

}  // namespace html_test
