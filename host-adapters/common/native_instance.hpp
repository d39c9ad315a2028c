// The engine linked into the host: for edge-proxy.wasm, and for `lntpay serve --engine native` (comparison and debugging).
#pragma once
#include <string>

#include "host-adapters/common/instance.hpp"

namespace lntpay::host {

/// Creates native instances, each configured with `engine_config`.
MakeInstance native_instances(std::string engine_config);

/// One native instance with validated settings, as for `Engine::configure`.
std::unique_ptr<Instance> native_instance(Settings settings);

}  // namespace lntpay::host
