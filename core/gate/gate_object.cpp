// The JSON of gates, redemptions and admissions.
#include "core/gate/gate_object.hpp"

namespace lntpay {

std::string gate_json(const Gate& gate, const TenantScope& tenant) { return gate_object.text({gate, tenant}); }

std::string redemption_json(const RedemptionView& view) { return redemption_object.text(view); }

std::string admission_json(const AdmissionView& view) { return admission_object.text(view); }

}  // namespace lntpay
