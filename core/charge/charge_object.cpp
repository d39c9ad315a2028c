// The JSON of a charge.
#include "core/charge/charge_object.hpp"

namespace lntpay {

std::string charge_json(const Settings& settings, const Charge& charge, const TenantScope& tenant) {
  return charge_object.text({settings, charge, tenant});
}

}  // namespace lntpay
