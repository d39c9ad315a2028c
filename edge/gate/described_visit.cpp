// Reading a described request.
#include "edge/gate/described_visit.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/gate/credential_headers.hpp"
#include "edge/http/request.hpp"

namespace lntpay {
namespace {

/// Adds the lines of {"authorization": "…", "macaroon": ["…", "…"]} that can hold a credential.
Result<> add_described_lines(std::vector<Header>& lines, std::string_view object) {
  auto json = read_json(object);
  if (!json) return std::unexpected(std::move(json.error()));
  for (auto& [written_name, value] : json->members) {
    const auto name = ascii_lower(written_name);
    if (!std::ranges::contains(credential_header_names, name)) continue;
    if (value.kind != Json::Kind::array) value.items = {Json(value)};
    for (auto& line : value.items) {
      if (line.kind != Json::Kind::text)
        return fail(ErrorCode::invalid_request, "A header must be a text, or a list of texts for several lines.", "headers");
      lines.push_back({name, std::move(line.text)});
    }
  }
  return {};
}

}  // namespace

Result<Visit> described_visit(const Body& body, const Gate& gate) {
  const auto method = body.text("method").value_or(gate.match.method);
  const auto target = body.text("path").value_or(gate.match.path);
  const auto [path, query] = split_target(target);
  auto asked = request_match(method, path);
  if (!asked && body.text("path")) return std::unexpected(std::move(asked.error()));
  if (!asked || method == "*")
    return fail(ErrorCode::invalid_request, "This gate guards many requests. Give the method and path of this one.", "path");
  Visit visit{std::move(*asked), std::string(query), {}, gate_client_of(body.text("client").value_or("")), body.integer("size")};
  if (auto line = body.text("authorization").value_or(""); !line.empty())
    visit.headers.push_back({"authorization", std::move(line)});
  if (const auto headers = body.object("headers")) {
    if (auto added = add_described_lines(visit.headers, *headers); !added) return std::unexpected(std::move(added.error()));
  }
  return visit;
}

}  // namespace lntpay
