// The root of a folder and any path below it; any method by one that no gate names.
#include "host-adapters/server/gates/named_gates.hpp"

#include <nlohmann/json.hpp>

namespace lntpay::host {
namespace {

using nlohmann::json;

constexpr std::string_view any_method = "ANYMETHOD";
constexpr std::string_view any_name = "any.path-of_the~entry";

std::vector<std::string> paths_of(const std::string& path) {
  if (!path.ends_with("/*")) return {path};
  const auto folder = path.substr(0, path.size() - 1);
  return {folder, folder + std::string(any_name)};
}

}  // namespace

std::vector<Request> coverage_requests(const Price& price) {
  std::vector<Request> all;
  for (const auto& path : paths_of(price.match.path)) {
    all.push_back({.method = "GET",
                   .target = "/gate/" + price.gate + "/authorize",
                   .headers = {{"host", "localhost"},
                               {"x-original-method", price.match.method == "*" ? std::string(any_method) : price.match.method},
                               {"x-original-uri", path}},
                   .body = {},
                   .client = "127.0.0.1"});
  }
  return all;
}

std::optional<std::string> coverage_error(const Price& price, const Response& response) {
  constexpr std::uint16_t not_found = 404;
  const auto place = price.path_in_file + ".gate: ";
  if (response.status == not_found)
    return place + "there is no gate " + price.gate + ". Write the id of an existing one, or price_sats";
  const auto read = json::parse(response.body, nullptr, false);
  const auto error = read.is_object() ? read.value("error", json::object()) : json::object();
  if (!error.is_object() || error.value("code", "") != "invalid_request") return std::nullopt;
  const auto said = error.value("message", std::string());  // of check_visit (edge/gate/gate_check.cpp)
  return place + price.gate + " does not cover " + price.match.method + " " + price.match.path + ". " +
         said.substr(0, said.find(". ")) + ". Change its match, or the entry's method and path";
}

}  // namespace lntpay::host
