// The engine linked into the host: the same calls without wasm, for comparison and debugging.
#pragma once
#include <string>

#include "host-adapters/common/instance.hpp"

namespace lntpay::host {

/// Makes native instances, each configured with `engine_config`.
MakeInstance native_instances(std::string engine_config);

std::unique_ptr<Instance> native_instance(Settings settings);

}  // namespace lntpay::host
