// Loading, and the choice between whole, compressed and unchanged.
#include "host-adapters/server/http/static_files.hpp"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/base/ascii.hpp"
#include "core/storage/row.hpp"
#include "edge/http/answer.hpp"
#include "edge/http/request.hpp"

namespace lntpay::host {
namespace {

constexpr std::string_view file_methods = "GET, HEAD, OPTIONS";

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The items of a list in a header.
std::vector<std::string_view> items_of(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty()) items.push_back(trimmed(row::cut(list, ',')));
  return items;
}

/// RFC 9110 section 12.5.3, for one coding.
bool takes_gzip(const Request& request) {
  for (auto item : items_of(header(request, "accept-encoding").value_or(""))) {
    const auto coding = trimmed(row::cut(item, ';'));
    const auto weight = trimmed(item);
    const bool refused = weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == weight.npos;
    if ((ascii_lower(coding) == "gzip" || coding == "*") && !refused) return true;
  }
  return false;
}

/// RFC 9110 section 13.1.2: weak comparison.
bool has_it(const Request& request, std::string_view etag) {
  const auto known = header(request, "if-none-match");
  if (!known) return false;
  for (const auto item : items_of(*known)) {
    if (item == "*" || item == etag || "W/" + std::string(item) == etag) return true;
  }
  return false;
}

}  // namespace

std::expected<StaticFiles, std::string> StaticFiles::load(const std::filesystem::path& folder) try {
  StaticFiles files;
  const auto list = folder / "resources.json";
  if (!std::filesystem::exists(list)) return files;
  for (const auto& each : nlohmann::json::parse(content_of(list))) {
    const auto file = each.at("file").get<std::string>();
    File made{.etag = "W/" + each.at("etag").get<std::string>(),
              .headers = {{"content-type", each.at("type").get<std::string>()},
                          {"cache-control", "public, max-age=300"},
                          {"vary", "Accept-Encoding"}},
              .plain = content_of(folder / file),
              .gzip = content_of(folder / (file + ".gz"))};
    made.headers.push_back({"etag", made.etag});
    for (const auto& [name, value] : each.at("headers").items()) made.headers.push_back({name, value.get<std::string>()});
    files.by_path_.emplace(each.at("path").get<std::string>(), std::move(made));
  }
  return files;
} catch (const std::exception& failed) {
  return std::unexpected(folder.string() + ": " + failed.what() + ". Run make resources");
}

std::optional<FileResponse> StaticFiles::answer(const Request& request, std::string_view request_id) const {
  const auto found = by_path_.find(std::string_view(request.target).substr(0, request.target.find('?')));
  if (found == by_path_.end()) return std::nullopt;
  const auto& file = found->second;
  Response response;
  std::string_view body;
  if (request.method == "OPTIONS") {
    response = preflight_answer("GET");
    set_header(response, "allow", file_methods);
  } else if (request.method != "GET" && request.method != "HEAD") {
    response = error_answer({.code = ErrorCode::method_not_allowed, .message = "This path takes GET."}, request_id);
    set_header(response, "allow", file_methods);
  } else if (has_it(request, file.etag)) {
    response = {304, file.headers, {}};
  } else if (takes_gzip(request)) {
    response = {200, file.headers, {}};
    body = file.gzip;
    set_header(response, "content-encoding", "gzip");
  } else {
    response = {200, file.headers, {}};
    body = file.plain;
  }
  finish(response, request_id);
  return FileResponse{std::move(response), body};
}

}  // namespace lntpay::host
