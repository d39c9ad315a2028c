// The JSON of a recovery.
#include "core/webhook/recovery/recovery_object.hpp"

namespace lntpay {

std::string recovery_json(const Recovery& recovery) { return webhook_recovery_object.text(recovery); }

}  // namespace lntpay
