// Printing tables and JSON.
#include "host-adapters/server/cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace lntpay::host {
namespace {

std::string cell(const nlohmann::json& row, const std::string& column) {
  if (!row.is_object() || !row.contains(column) || row[column].is_null()) return "-";
  const auto& value = row[column];
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string all;
  for (const auto& each : value) all += (all.empty() ? "" : ",") + (each.is_string() ? each.get<std::string>() : each.dump());
  return all;
}

}  // namespace

std::string table(const std::vector<nlohmann::json>& rows, const std::vector<std::string>& columns) {
  std::string text;
  std::vector<std::size_t> widths;
  for (const std::string& column : columns) {
    std::size_t width = column.size();
    for (const auto& row : rows) width = std::max(width, cell(row, column).size());
    widths.push_back(width);
  }
  const auto line = [&](const auto& of) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string value = of(columns[i]);
      text += value;
      if (i + 1 < columns.size()) text.append(widths[i] - value.size() + 2, ' ');
    }
    text += '\n';
  };
  line([](const std::string& column) { return column; });
  for (const auto& row : rows) line([&](const std::string& column) { return cell(row, column); });
  return text;
}

Exit show(const std::expected<ApiAnswer, std::string>& answer, const std::vector<std::string>& columns) {
  if (!answer) {
    std::fprintf(stderr, "lntpay: %s\n", answer.error().c_str());
    return Exit::unreachable;
  }
  if (answer->status < 200 || answer->status > 299) {
    std::fprintf(stderr, "lntpay: the API answered %ld\n%s\n", answer->status, answer->text.c_str());
    return answer->status >= 500 ? Exit::server : Exit::refused;
  }
  if (isatty(STDOUT_FILENO) == 0) {
    std::printf("%s\n", answer->text.c_str());
    return Exit::good;
  }
  std::vector<nlohmann::json> rows;
  if (answer->body.is_object() && answer->body.contains("data")) {
    for (const auto& row : answer->body["data"]) rows.push_back(row);
  } else if (!answer->body.is_null()) {
    rows.push_back(answer->body);
  }
  std::fputs(rows.empty() ? "done\n" : table(rows, columns).c_str(), stdout);
  return Exit::good;
}

Exit fails(Exit exit, const std::string& why) {
  std::fprintf(stderr, "lntpay: %s\n", why.c_str());
  return exit;
}

}  // namespace lntpay::host
