// UTF-8 in HTTP messages.
#include "host-adapters/common/message_utf8.hpp"

#include <doctest/doctest.h>

namespace message_utf8_test {
using namespace lntpay;

TEST_CASE("a request is UTF-8 only when each of its strings is") {
  Request request{"GET", "/", {{"x", "y"}}, "body", "127.0.0.1"};
  CHECK(host::is_utf8(request));
  request.headers[0].value = "\xFF";
  CHECK_FALSE(host::is_utf8(request));
}

TEST_CASE("every string of a response is repaired") {
  Response response{200, {{"x-\xFF", "\xC3"}, {"y", "z"}}, "a\xE2\x82z"};
  host::make_utf8(response);
  CHECK(response.headers == std::vector<Header>{{"x-\uFFFD", "\uFFFD"}, {"y", "z"}});
  CHECK(response.body == "a\uFFFDz");
}

}  // namespace message_utf8_test
