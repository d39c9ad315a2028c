// The object `node_restore` of the API: its fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

struct NodeRestore {
  Environment environment{};
  std::uint64_t restores = 0;
};

inline constexpr auto node_restore_object = object_of<NodeRestore>(
    kind_member<"node_restore">(), member("environment", "test or live", [](const auto& v) { return v.environment; }),
    member("restores", "How often the node was restored.", [](const auto& v) { return v.restores; }));

inline constexpr auto node_restore_fields = node_restore_object.fields();

}  // namespace lntpay
