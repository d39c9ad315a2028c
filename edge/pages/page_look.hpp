// Whom a page shows as the payee, and its language.
#pragma once
#include <string>
#include <vector>

#include "core/tenant/context.hpp"
#include "edge/pages/texts/page_texts.hpp"

namespace lntpay {

struct PageLook {
  std::string display_name;  ///< of the workspace; empty: none
  std::string logo_url;      ///< https; empty: none
  const PageTexts* texts = &page_texts_for({});
};

/// The language that a request's headers prefer.
const PageTexts& page_texts_of(const std::vector<Header>& headers);

/// The profile of the workspace, in that language. Without the profile if the workspace cannot be read: a page is shown anyway.
Task<Result<PageLook>> page_look(Context& cx, WorkspaceId workspace, const std::vector<Header>& headers);

}  // namespace lntpay
