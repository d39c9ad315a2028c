// The versions of the API. A key keeps the version that was the newest when it was created; a request may name another one.
//
// A version is a date: of a change that a client could notice without having asked for it (docs/api.md, "Versions").
#pragma once
#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace lntpay {

/// Oldest first.
inline constexpr std::string_view api_versions[] = {"2026-11-01"};
inline constexpr std::string_view api_version_newest = std::span(api_versions).back();

inline constexpr std::string_view api_version_header = "LNTPay-Version";

/// The version of a request: the one that it names, if it names one. Fails with invalid_request if that was never published.
inline Result<std::string_view> version_for(std::optional<std::string_view> named, std::string_view of_key,
                                            std::span<const std::string_view> published = api_versions) {
  if (!named) return of_key;
  if (const auto found = std::ranges::find(published, *named); found != published.end()) return *found;
  std::string list;
  for (const auto version : published) list += (list.empty() ? "" : ", ") + std::string(version);
  return fail(ErrorCode::invalid_request, "There is no such version of the API. Published: " + list + ".",
              std::string(api_version_header));
}

}  // namespace lntpay
