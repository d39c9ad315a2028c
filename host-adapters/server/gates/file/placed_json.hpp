// A JSON text with the line of each value, for messages about a file that people write. Comments (`//`, `/* */`) are allowed.
#pragma once
#include <cstddef>
#include <expected>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lntpay::host {

struct PlacedJson {
  nlohmann::json value;
  std::map<std::string, std::size_t> lines;  ///< by path: "", "services[0].prices[1].price_sats"; the first line is 1

  /// The line of that value or, where there is none, of the nearest value that contains it.
  [[nodiscard]] std::size_t line_of(std::string_view path) const;

  /// Fails where the text is no JSON, or an object names a member twice: "line 4: …".
  static std::expected<PlacedJson, std::string> parse(std::string_view text);
};

}  // namespace lntpay::host
