// The object `workspace` of the API: its fields and how they are read.
#pragma once
#include "core/access/workspace.hpp"
#include "core/base/object.hpp"

namespace lntpay {

struct FirstKeys {
  std::string_view test;
  std::string_view live;
};
inline constexpr auto first_keys_object =
    object_of<FirstKeys>(member("test", "The key of the test environment.", [](const auto& v) { return v.test; }),
                         member("live", "The key of the live environment.", [](const auto& v) { return v.live; }));

struct WorkspaceView {
  const Workspace& workspace;
  std::optional<FirstKeys> api_keys{};  ///< nullopt: left out
};

inline constexpr auto workspace_object = object_of<WorkspaceView>(
    member("id", "ws_…", [](const auto& v) { return std::string_view(v.workspace.id.text()); }), kind_member<"workspace">(),
    member("name", "Its name.", [](const auto& v) { return std::string_view(v.workspace.name); }),
    member("created_at", "When the workspace was created.", [](const auto& v) { return v.workspace.created_at; }),
    member("display_name", "Whom payers see that they pay.", [](const auto& v) { return null_if_empty(v.workspace.display_name); }),
    member("logo_url", "The logo beside it.", [](const auto& v) { return null_if_empty(v.workspace.logo_url); }),
    member("default_expires_in", "Seconds until the invoice of a charge expires, where its request does not name them.",
           [](const auto& v) { return v.workspace.expires_in_s; }),
    member("default_success_url", "The success_url of charges whose requests name none.",
           [](const auto& v) { return null_if_empty(v.workspace.success_url); }),
    member("default_cancel_url", "The cancel_url of charges whose requests name none.",
           [](const auto& v) { return null_if_empty(v.workspace.cancel_url); }),
    member("api_keys", "The first keys; only in the response that created the workspace.", [](const auto& v) {
      return OnlyWhenGiven<Described<first_keys_object>>{v.api_keys.transform(described<first_keys_object>)};
    }));

inline constexpr auto workspace_fields = workspace_object.fields();

}  // namespace lntpay
