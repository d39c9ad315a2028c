// Reads the members of a file's objects strictly: a member that is unknown, missing or of the wrong form is an error that names its
// line and path, what is wrong and what to write. All errors of a file are collected.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host-adapters/server/gates/file/placed_json.hpp"

namespace lntpay::host {

/// The errors found so far.
class FileErrors {
 public:
  FileErrors(std::string file, const PlacedJson& text) : file_(std::move(file)), text_(text) {}
  /// "gates.json:12: services[0].name: is missing. Write …"
  void add(const std::string& path, std::string_view what);
  [[nodiscard]] const std::vector<std::string>& list() const { return list_; }

 private:
  std::string file_;
  const PlacedJson& text_;
  std::vector<std::string> list_;
};

/// The members of one object. Each function takes the member of that name, which is thereby known; `example` is what to write.
class FileMembers {
 public:
  FileMembers(FileErrors& errors, const nlohmann::json& object, std::string path);

  [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }
  /// The text, which is not empty; nullopt if it is missing or wrong.
  std::optional<std::string> text(std::string_view name, std::string_view example);
  std::optional<std::string> required_text(std::string_view name, std::string_view example);
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t min, std::uint64_t max);
  /// One of these names.
  std::optional<std::string> one_of(std::string_view name, const std::vector<std::string_view>& names);
  /// Calls for each text of a list.
  void texts(std::string_view name, std::string_view example,
             const std::function<void(const std::string&, const std::string& path)>& take);
  /// Calls for each object of a list, then for members that it did not take.
  void objects(std::string_view name, std::string_view example, const std::function<void(FileMembers&)>& read);
  /// Calls for the object, if there is one.
  void object(std::string_view name, std::string_view example, const std::function<void(FileMembers&)>& read);

  void fail(std::string_view name, std::string_view what) { errors_.add(path_of(name), what); }
  [[nodiscard]] std::string path_of(std::string_view name) const;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] FileErrors& errors() { return errors_; }
  /// Reports the members that no function took.
  void end();

 private:
  const nlohmann::json* take(std::string_view name);
  const nlohmann::json* list(std::string_view name, std::string_view example);

  FileErrors& errors_;
  const nlohmann::json& object_;
  std::string path_;
  std::vector<std::string> known_;
};

}  // namespace lntpay::host
