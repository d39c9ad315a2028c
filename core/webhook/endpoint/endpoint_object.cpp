// The JSON of a webhook endpoint.
#include "core/webhook/endpoint/endpoint_object.hpp"

namespace lntpay {

std::string endpoint_json(const Endpoint& endpoint, const TenantScope& tenant, UnixMillis now, const Secret* shown) {
  return webhook_endpoint_object.text({.endpoint = endpoint, .tenant = tenant, .now = now, .secret = shown});
}

}  // namespace lntpay
