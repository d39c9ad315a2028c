// The forms of members, and the nearest known name of one that is misspelt.
#include "host-adapters/server/gates/file/file_members.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace lntpay::host {
namespace {

using nlohmann::json;

/// The number of characters to insert, remove or replace (Levenshtein).
std::size_t letters_apart(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string unknown_member(std::string_view name, const std::vector<std::string>& known) {
  constexpr std::size_t misspelt_max = 3;
  const auto distance = [&](const std::string& each) { return letters_apart(name, each); };
  const auto nearest = std::ranges::min_element(known, {}, distance);
  if (nearest != known.end() && distance(*nearest) <= misspelt_max) return "is unknown. Write " + *nearest;
  std::string all;
  for (const auto& each : known) all += (all.empty() ? "" : ", ") + each;
  return "is unknown. Known here: " + all;
}

std::string_view json_kind(const json& value) {
  if (value.is_null()) return "null";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_string()) return value.get_ref<const std::string&>().empty() ? "an empty text" : "a text";
  return value.is_number() ? "a number" : "true or false";
}

std::string wrong_kind(const json& value, std::string_view example) {
  return "is " + std::string(json_kind(value)) + ". Write " + std::string(example);
}

}  // namespace

void FileErrors::add(const std::string& path, std::string_view what) {
  const auto place = path.empty() ? std::string("the file") : path;
  list_.push_back(file_ + ":" + std::to_string(text_.line_of(path)) + ": " + place + ": " + std::string(what));
}

FileMembers::FileMembers(FileErrors& errors, const json& object, std::string path)
    : errors_(errors), object_(object), path_(std::move(path)) {}

std::string FileMembers::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const json* FileMembers::take(std::string_view name) {
  if (!std::ranges::contains(known_, name)) known_.emplace_back(name);
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

std::optional<std::string> FileMembers::text(std::string_view name, std::string_view example) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string() && !value->get_ref<const std::string&>().empty()) return value->get<std::string>();
  fail(name, wrong_kind(*value, example));
  return std::nullopt;
}

std::optional<std::string> FileMembers::required_text(std::string_view name, std::string_view example) {
  if (!has(name)) fail(name, "is missing. Write " + std::string(example));
  return text(name, example);
}

std::optional<std::uint64_t> FileMembers::number(std::string_view name, std::uint64_t min, std::uint64_t max) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() >= min && value->get<std::uint64_t>() <= max)
    return value->get<std::uint64_t>();
  const auto range = "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  fail(name, value->is_number() ? "is " + value->dump() + ". Write " + range : wrong_kind(*value, range));
  return std::nullopt;
}

std::optional<std::string> FileMembers::one_of(std::string_view name, const std::vector<std::string_view>& names) {
  std::string all;
  for (const auto each : names) all.append(all.empty() ? "" : " or ").append(each);
  auto given = text(name, all);
  if (!given || std::ranges::contains(names, *given)) return given;
  fail(name, "is \"" + *given + "\". Write " + all);
  return std::nullopt;
}

const json* FileMembers::list(std::string_view name, std::string_view example) {
  const auto* value = take(name);
  if (value == nullptr || (value->is_array() && !value->empty())) return value;
  fail(name, value->is_array() ? "is an empty list. Write " + std::string(example) : wrong_kind(*value, example));
  return nullptr;
}

void FileMembers::texts(std::string_view name, std::string_view example,
                        const std::function<void(const std::string&, const std::string&)>& take) {
  const auto* values = list(name, example);
  for (std::size_t i = 0; values != nullptr && i < values->size(); ++i) {
    const auto at = path_of(name) + "[" + std::to_string(i) + "]";
    const auto& value = (*values)[i];
    if (value.is_string() && !value.get_ref<const std::string&>().empty()) {
      take(value.get<std::string>(), at);
    } else {
      errors_.add(at, wrong_kind(value, "a text, such as in " + std::string(example)));
    }
  }
}

void FileMembers::objects(std::string_view name, std::string_view example, const std::function<void(FileMembers&)>& read) {
  const auto* values = list(name, example);
  for (std::size_t i = 0; values != nullptr && i < values->size(); ++i) {
    const auto at = path_of(name) + "[" + std::to_string(i) + "]";
    if (!(*values)[i].is_object()) {
      errors_.add(at, wrong_kind((*values)[i], "an object, such as in " + std::string(example)));
      continue;
    }
    FileMembers members(errors_, (*values)[i], at);
    read(members);
    members.end();
  }
}

void FileMembers::object(std::string_view name, std::string_view example, const std::function<void(FileMembers&)>& read) {
  const auto* value = take(name);
  if (value == nullptr) return;
  if (!value->is_object()) return fail(name, wrong_kind(*value, example));
  FileMembers members(errors_, *value, path_of(name));
  read(members);
  members.end();
}

void FileMembers::end() {
  for (const auto& [name, value] : object_.items())
    if (!std::ranges::contains(known_, name)) fail(name, unknown_member(name, known_));
}

}  // namespace lntpay::host
