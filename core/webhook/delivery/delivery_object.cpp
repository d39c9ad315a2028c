// The JSON of deliveries and their attempts.
#include "core/webhook/delivery/delivery_object.hpp"

namespace lntpay {

std::string delivery_json(const Delivery& delivery) { return webhook_delivery_object.text({delivery}); }

std::string delivery_json(const Delivery& delivery, const std::vector<DeliveryAttempt>& log) {
  return webhook_delivery_object.text({delivery, &log});
}

}  // namespace lntpay
