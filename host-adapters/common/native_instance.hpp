// The engine linked into the host: the same calls without a wall between them. Of edge-proxy.wasm, and of `lntpay serve --engine
// native`, for comparison and debugging.
#pragma once
#include <string>

#include "host-adapters/common/instance.hpp"

namespace lntpay::host {

/// Makes native instances, each configured with `engine_config`.
MakeInstance native_instances(std::string engine_config);

/// One native instance, with settings that were checked: as `Engine::configure` takes them.
std::unique_ptr<Instance> native_instance(Settings settings);

}  // namespace lntpay::host
