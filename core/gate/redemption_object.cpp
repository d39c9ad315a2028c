// The JSON of redemptions and admissions.
#include "core/gate/redemption_object.hpp"

namespace lntpay {

std::string redemption_json(const RedemptionView& view) { return redemption_object.text(view); }

std::string admission_json(const AdmissionView& view) { return admission_object.text(view); }

}  // namespace lntpay
