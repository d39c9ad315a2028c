// JSON conversions that the generator does not write: numbers as text, lists of replies, and a step's text.
#include "edge/component/json/json_values.hpp"

#include "core/base/integer.hpp"

namespace lntpay::component {

std::uint64_t number_from(std::string_view digits) {
  const auto value = parse_integer<std::uint64_t>(digits);
  if (!value) __builtin_trap();
  return *value;
}

std::vector<Reply> replies_from(const nlohmann::json& from) { return json_values::list<reply_from>(from); }

std::string text_of(const Step& step) { return step_json(step).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}  // namespace lntpay::component
