// The object `workspace` of the API: its fields and how they are read.
#pragma once
#include "core/access/workspace.hpp"
#include "core/base/object.hpp"

namespace lntpay {

struct WorkspaceView {
  const Workspace& workspace;
  std::string_view api_keys{};  ///< JSON; empty: left out
};

inline constexpr auto workspace_object = object_of<WorkspaceView>(
    member("id", "ws_…", [](const auto& v) { return std::string_view(v.workspace.id.text()); }), kind_member<"workspace">(),
    member("name", "Its name.", [](const auto& v) { return std::string_view(v.workspace.name); }),
    member("created_at", "When the workspace was created.", [](const auto& v) { return v.workspace.created_at; }),
    member("api_keys", "The first keys; only in the response that created the workspace.",
           [](const auto& v) { return OnlyWhenGiven<RawJson<std::string_view>>{json_or_null(v.api_keys)}; }));

inline constexpr auto workspace_fields = workspace_object.fields();

}  // namespace lntpay
