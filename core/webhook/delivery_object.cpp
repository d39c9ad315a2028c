// The JSON of deliveries and their attempts.
#include "core/webhook/delivery_object.hpp"

namespace lntpay {

namespace {

std::optional<std::uint16_t> code_of(std::uint16_t code) { return code == 0 ? std::nullopt : std::optional(code); }

std::string attempt_json(const DeliveryAttempt& each) {
  return JsonObject{}
      .add("number", each.number)
      .add("at", rfc3339(each.at))
      .add("response_code", code_of(each.code))
      .add("latency_ms", each.latency_ms)
      .add("failure", null_if_empty(each.reason))
      .add("response_body", each.body)
      .add("next_attempt_at", each.next_attempt_at.transform(rfc3339))
      .text();
}

}  // namespace

std::optional<RawJson<std::string>> last_attempt(const Delivery& delivery) {
  if (delivery.attempts == 0) return std::nullopt;
  return RawJson{JsonObject{}
                     .add("response_code", code_of(delivery.last_code))
                     .add("latency_ms", delivery.last_latency_ms)
                     .add("failure", null_if_empty(delivery.last_reason))
                     .text()};
}

OnlyWhenGiven<RawJson<std::string>> attempt_log(const DeliveryView& view) {
  if (view.log == nullptr) return {};
  JsonArray attempts;
  for (const auto& each : *view.log) attempts.raw(attempt_json(each));
  return {RawJson{attempts.text()}};
}

std::string delivery_json(const Delivery& delivery) { return webhook_delivery_object.text({delivery}); }

std::string delivery_json(const Delivery& delivery, const std::vector<DeliveryAttempt>& log) {
  return webhook_delivery_object.text({delivery, &log});
}

std::string recovery_json(std::uint32_t redelivered) { return webhook_recovery_object.text({redelivered}); }

}  // namespace lntpay
