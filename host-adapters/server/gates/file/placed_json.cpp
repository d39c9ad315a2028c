// The parser reports events; an iterator that counts line breaks knows the line of each.
#include "host-adapters/server/gates/file/placed_json.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace lntpay::host {
namespace {

using nlohmann::json;

/// Counts the lines that the parser has consumed.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t& line) : at_(at), line_(&line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_++ == '\n') ++*line_;
    return *this;
  }
  CountingIterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  std::size_t* line_;
};

/// Notes the line of each value, and names that come twice.
class LineNoter final : public nlohmann::json_sax<json> {
 public:
  LineNoter(std::map<std::string, std::size_t>& lines, const std::size_t& line) : lines_(lines), line_(line) {}

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool start_object(std::size_t) override { return open({}); }
  bool start_array(std::size_t) override { return open(0); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    auto& inner = open_.back();
    inner.name = inner.path.empty() ? name : inner.path + "." + name;
    inner.line = line_;
    if (lines_.contains(inner.name)) return refuse("\"" + name + "\" is given twice in one object. Remove one");
    return true;
  }
  bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception& error) override {
    std::string_view why = error.what();
    if (const auto column = why.find(": syntax error "); column != std::string_view::npos) why.remove_prefix(column + 2);
    return refuse(token.empty() ? "the file is empty or ends too early" : std::string(why));
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  struct Open {
    std::string path;
    std::optional<std::size_t> index;  ///< of the next element of an array
    std::string name;                  ///< path of the member that is read
    std::size_t line = 0;
  };

  /// The path of the value that begins, which is noted.
  std::string place() {
    if (open_.empty()) {
      lines_.emplace("", line_);
      return "";
    }
    auto& inner = open_.back();
    auto path = inner.index ? inner.path + "[" + std::to_string((*inner.index)++) + "]" : inner.name;
    lines_.emplace(path, inner.index ? line_ : inner.line);
    return path;
  }
  bool value() {
    place();
    return true;
  }
  bool open(std::optional<std::size_t> index) {
    open_.push_back({.path = place(), .index = index, .name = {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  bool refuse(std::string why) {
    error_ = "line " + std::to_string(line_) + ": " + std::move(why);
    return false;
  }

  std::map<std::string, std::size_t>& lines_;
  const std::size_t& line_;
  std::vector<Open> open_;
  std::string error_;
};

}  // namespace

std::size_t PlacedJson::line_of(std::string_view path) const {
  for (;;) {
    if (const auto found = lines.find(std::string(path)); found != lines.end()) return found->second;
    const auto outer = path.find_last_of(".[");
    if (outer == std::string_view::npos) return 1;
    path = path.substr(0, outer);
  }
}

std::expected<PlacedJson, std::string> PlacedJson::parse(std::string_view text) {
  PlacedJson placed;
  std::size_t line = 1;
  LineNoter noter(placed.lines, line);
  const CountingIterator begin(text.data(), line), end(text.data() + text.size(), line);
  constexpr bool nothing_after = true, comments = true;
  if (!json::sax_parse(begin, end, &noter, json::input_format_t::json, nothing_after, comments))
    return std::unexpected(noter.error());
  placed.value = json::parse(text, nullptr, true, comments);
  return placed;
}

}  // namespace lntpay::host
