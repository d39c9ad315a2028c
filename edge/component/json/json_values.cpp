// What contract_json.cpp is not generated for: numbers as text, lists of replies, and a step's text.
#include "edge/component/json/json_values.hpp"

#include <charconv>

namespace lntpay::component {

std::uint64_t number_from(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) __builtin_trap();
  return value;
}

std::vector<Reply> replies_from(const nlohmann::json& from) { return json_values::list<reply_from>(from); }

std::string text_of(const Step& step) { return step_json(step).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}  // namespace lntpay::component
