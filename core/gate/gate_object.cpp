// The JSON of gates.
#include "core/gate/gate_object.hpp"

namespace lntpay {

std::string gate_json(const Gate& gate, const TenantScope& tenant) { return gate_object.text({gate, tenant}); }

}  // namespace lntpay
