// Which text an error has.
#include "edge/pages/failure_page.hpp"

#include "edge/http/answer.hpp"
#include "edge/pages/checkout_page.hpp"

namespace lntpay {
namespace {

std::string_view failure_text(ErrorCode code, const PageTexts& texts) {
  if (code == ErrorCode::redemption_in_progress) return texts.busy_text;
  return code == ErrorCode::rate_limit_exceeded ? texts.too_many_text : texts.later_text;
}

}  // namespace

Response failure_page(const Error& why, const std::vector<Header>& headers, std::string_view next) {
  constexpr std::uint32_t usual_s = 5;
  const auto again_after_s = why.retry_after_s > 0 ? why.retry_after_s : usual_s;
  const auto& texts = page_texts_of(headers);
  const bool is_missing = why.code == ErrorCode::not_found;
  auto page = is_missing ? missing_page(texts) : later_page(failure_text(why.code, texts), again_after_s, next, texts);
  Response response{info(why.code).status, page_headers({}, {.display_name = {}, .logo_url = {}, .texts = &texts}),
                    std::move(page)};
  if (!is_missing) set_header(response, "retry-after", std::to_string(again_after_s));
  return response;
}

}  // namespace lntpay
