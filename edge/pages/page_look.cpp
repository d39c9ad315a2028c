// Reading the profile and the language.
#include "edge/pages/page_look.hpp"

#include <algorithm>

#include "core/access/workspace.hpp"

namespace lntpay {

const PageTexts& page_texts_of(const std::vector<Header>& headers) {
  const auto line = std::ranges::find(headers, "accept-language", &Header::name);
  return page_texts_for(line == headers.end() ? std::string_view() : line->value);
}

Task<Result<PageLook>> page_look(Context& cx, WorkspaceId workspace, const std::vector<Header>& headers) {
  PageLook look{.display_name = {}, .logo_url = {}, .texts = &page_texts_of(headers)};
  if (auto found = co_await attempt(get_workspace(cx, std::move(workspace)))) {
    look.display_name = std::move(found->display_name);
    look.logo_url = std::move(found->logo_url);
  }
  co_return look;
}

}  // namespace lntpay
