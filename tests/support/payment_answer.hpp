// The credential that a client of the Payment scheme sends for a challenge.
#pragma once
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/gate/payment_scheme.hpp"

namespace lntpay::test {

/// The value of its Authorization header.
inline std::string payment_answer(const PaymentChallenge& of, std::string_view proof) {
  JsonObject echo;
  echo.add("id", of.id).add("realm", of.realm).add("method", of.method).add("intent", of.intent);
  echo.add("request", of.request).add("expires", of.expires).add("opaque", of.opaque);
  const auto payload = JsonObject{}.add("preimage", proof).text();
  const auto json = JsonObject{}.raw("challenge", echo.text()).raw("payload", payload).text();
  return "Payment " + base64(Base64::url_unpadded, bytes_of(json));
}

}  // namespace lntpay::test
