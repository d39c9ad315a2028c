// The operator's token.
#include "core/tenant/operator.hpp"

#include <doctest/doctest.h>

namespace lntpay::operator_test {

TEST_CASE("only the configured token authenticates the operator") {
  Settings settings;
  settings.peppers.push_back({"p1", Secret::copy_of("pepper")});
  settings.operator_hmac = operator_hmac(settings, "op-secret");
  CHECK(is_operator(settings, "op-secret"));
  for (const auto* const token : {"", "op-secre", "op-secret ", "OP-SECRET"}) CHECK_FALSE(is_operator(settings, token));
}

TEST_CASE("without a configured token no token authenticates the operator") {
  Settings settings;
  CHECK_FALSE(is_operator(settings, ""));
  settings.peppers.push_back({"p1", Secret::copy_of("pepper")});
  CHECK_FALSE(is_operator(settings, ""));
  settings.operator_hmac = operator_hmac(settings, "");
  CHECK_FALSE(is_operator(settings, ""));
}

}  // namespace lntpay::operator_test
