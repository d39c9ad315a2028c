// The object that answers a DELETE: its fields and how they are read.
#pragma once
#include "core/base/object.hpp"

namespace lntpay {

struct Deleted {
  std::string_view id;
  std::string_view kind;
};

inline constexpr auto deleted_object =
    object_of<Deleted>(member("id", "The id of the deleted object.", [](const auto& v) { return v.id; }),
                       member("object", "The kind of the deleted object.", [](const auto& v) { return v.kind; }),
                       member("deleted", "true", [](const auto&) { return true; }));

inline constexpr auto deleted_fields = deleted_object.fields();

}  // namespace lntpay
