// The limits in host-adapters/js/limits.mjs are those of the hosts in C++.
#include "edge/http/request_limits.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <string>

#include "core/base/integer.hpp"
#include "core/storage/row.hpp"
#include "host-adapters/server/http/http_head.hpp"
#include "host-adapters/stores/rules/store_limits.hpp"

namespace request_limits_test {
using namespace lntpay;

namespace {

/// "16 * 1024" as a number; 0 where it is not a product of integers.
std::size_t product(std::string_view text) {
  std::size_t result = 1;
  while (!text.empty()) {
    result *= parse_integer<std::size_t>(row::cut(text, '*')).value_or(0);
  }
  return result;
}

/// Each `export const NAME = PRODUCT;` of the module.
std::map<std::string, std::size_t> exported_limits(const char* path) {
  constexpr std::string_view begin = "export const ";
  std::map<std::string, std::size_t> limits;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(begin)) continue;
    std::erase(line, ' ');
    auto rest = std::string_view(line).substr(begin.size() - 2);
    const auto name = row::cut(rest, '=');
    limits.emplace(name, product(row::cut(rest, ';')));
  }
  return limits;
}

}  // namespace

TEST_CASE("JavaScript hosts enforce the same limits as C++ hosts") {
  const std::map<std::string, std::size_t> expected{{"head_bytes_max", request_limits::head_bytes_max},
                                                    {"target_bytes_max", request_limits::target_bytes_max},
                                                    {"fields_max", request_limits::fields_max},
                                                    {"body_bytes_max", request_limits::body_bytes_max},
                                                    {"key_bytes_max", host::key_bytes_max},
                                                    {"value_bytes_max", host::value_bytes_max},
                                                    {"get_keys_max", host::get_keys_max},
                                                    {"commit_checks_max", host::commit_checks_max},
                                                    {"commit_ops_max", host::commit_ops_max},
                                                    {"scan_limit_max", scan_limit_max}};
  CHECK(exported_limits("host-adapters/js/limits.mjs") == expected);
}

TEST_CASE("the server's default limits are those of every host") {
  const host::HttpLimits limits;
  CHECK(limits.head_bytes_max == request_limits::head_bytes_max);
  CHECK(limits.target_bytes_max == request_limits::target_bytes_max);
  CHECK(limits.fields_max == request_limits::fields_max);
  CHECK(limits.body_bytes_max == request_limits::body_bytes_max);
}

}  // namespace request_limits_test
