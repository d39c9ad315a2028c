// The paths that hosts serve by themselves, without the engine.
#pragma once
#include "edge/reference/openapi/document_node.hpp"

namespace lntpay::openapi {

void add_host_paths(Node& paths);

}  // namespace lntpay::openapi
