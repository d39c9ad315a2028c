// Strict JSON, over the SAX interface of nlohmann_json.
#include "core/base/json_reader.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/base/ascii.hpp"
#include "core/base/integer.hpp"

namespace lntpay {
namespace {

/// Iterates over the text and records the scanner's position: its callbacks do not give the position of a value.
struct Scanning {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  const char** reached;

  reference operator*() const { return *at; }
  Scanning& operator++() {
    *reached = ++at;
    return *this;
  }
  Scanning operator++(int) {
    const auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Scanning& other) const { return at == other.at; }
};

constexpr int exponent_max = 200;

/// Whether the number certainly fits a double, as most readers parse it. Decided by its text: the component's scanner makes no
/// doubles (edge/component/no_stdio.cpp), and the result must be the same on every host.
bool is_in_range(std::string_view number) {
  const auto at = number.find_first_of("eE");
  if (at == std::string_view::npos || number[at + 1] == '-') return true;
  auto digits = number.substr(at + 1);
  if (digits.front() == '+') digits.remove_prefix(1);
  return parse_integer<int>(digits, exponent_max).has_value();
}

bool in_number(char c) { return is_digit(c) || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E'; }

/// Builds the value. A callback that returns false has set `why_`.
class Reader {
 public:
  Reader(std::string_view text, std::size_t kept_depth, std::size_t values_max)
      : begin_(text.data()), end_(begin_ + text.size()), reached_(begin_), kept_depth_(kept_depth), values_max_(values_max) {}

  Result<Json> read() {
    const bool good = nlohmann::json::sax_parse(Scanning{begin_, &reached_}, Scanning{end_, &reached_}, this);
    if (good && why_.empty()) return std::move(root_);
    return fail(ErrorCode::invalid_request, "The JSON is not acceptable: " + why_ + ", at byte " + std::to_string(error_at_) + ".");
  }

  bool null() { return put({}) != nullptr; }
  bool boolean(bool flag) { return put({.kind = Json::Kind::boolean, .flag = flag}) != nullptr; }
  bool number_integer(std::int64_t) { return number(); }
  bool number_unsigned(std::uint64_t) { return number(); }
  bool number_float(double, const std::string&) { return number(); }
  bool string(std::string& text) {
    return without_nul(text) && put({.kind = Json::Kind::text, .text = std::move(text)}) != nullptr;
  }
  bool binary(nlohmann::json::binary_t&) { return stop("binary values are not supported"); }

  bool start_object(std::size_t) { return open(Json::Kind::object); }
  bool key(std::string& name) {
    if (!without_nul(name)) return false;
    if (beneath_ == 0) open_.back().value->members.push_back({std::move(name), {}});
    return true;
  }
  bool end_object() {
    if (beneath_ > 0) return close();
    std::vector<std::string_view> names;
    for (const auto& member : open_.back().value->members) names.push_back(member.name);
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end()) return stop("a member name is repeated");
    return close();
  }
  bool start_array(std::size_t) { return open(Json::Kind::array); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    if (error.id == number_overflow) {
      number();  // sets why_
      return false;
    }
    error_at_ = position;
    why_ = position > static_cast<std::size_t>(end_ - begin_) ? "it is incomplete" : "it is not valid";
    return false;
  }

 private:
  struct Open {
    Json* value;
    const char* begin;
  };
  static constexpr int number_overflow = 406;  // nlohmann_json's out_of_range for it

  bool stop(std::string_view why) {
    why_ = why;
    error_at_ = static_cast<std::size_t>(reached_ - begin_);
    return false;
  }

  // PostgreSQL's text type cannot store U+0000.
  bool without_nul(const std::string& text) { return !text.contains('\0') || stop("a string contains U+0000"); }

  /// The stored value, or nullptr when there are too many. Addresses stay valid while a value is open: its siblings follow only
  /// after it is closed.
  Json* put(Json value) {
    if (beneath_ > 0) return &(left_out_ = std::move(value));
    if (open_.empty()) return &(root_ = std::move(value));
    if (++count_ > values_max_) {
      stop("it has more than 1,000 members and items");
      return nullptr;
    }
    auto& parent = *open_.back().value;
    if (parent.kind == Json::Kind::array) return &parent.items.emplace_back(std::move(value));
    return &(parent.members.back().value = std::move(value));
  }

  bool number() {
    // The scanner has read one character more, except at the end of the text.
    const char* last = reached_;
    if (!in_number(last[-1])) --last;
    const char* first = last;
    while (first != begin_ && in_number(first[-1])) --first;
    const std::string_view text(first, last);
    if (text.size() > json_number_size_max) return stop("a number has more than 40 characters");
    if (!is_in_range(text)) return stop("a number is out of range");
    return put({.kind = Json::Kind::number, .text = std::string(text)}) != nullptr;
  }

  bool open(Json::Kind kind) {
    if (open_.size() + beneath_ == json_depth_max) return stop("it is nested deeper than 32");
    auto* value = put({.kind = kind});
    if (value == nullptr) return false;
    if (open_.size() == kept_depth_) {
      ++beneath_;
      return true;
    }
    open_.push_back({value, reached_ - 1});
    return true;
  }

  bool close() {
    if (beneath_ > 0) {
      --beneath_;
      return true;
    }
    open_.back().value->text.assign(open_.back().begin, reached_);
    open_.pop_back();
    return true;
  }

  const char* begin_;
  const char* end_;
  const char* reached_;
  Json root_;
  std::vector<Open> open_;
  std::size_t count_ = 0;
  const std::size_t kept_depth_;
  const std::size_t values_max_;
  std::size_t beneath_ = 0;  ///< open arrays and objects below the kept ones
  Json left_out_;
  std::string why_;
  std::size_t error_at_ = 0;
};

}  // namespace

std::optional<std::uint64_t> Json::whole() const {
  return kind == Kind::number ? parse_integer<std::uint64_t>(text) : std::nullopt;
}

Result<Json> read_json(std::string_view text, std::size_t kept_depth, std::size_t values_max) {
  // The scanner would treat a NUL as the end.
  if (text.contains('\0')) return fail(ErrorCode::invalid_request, "The JSON contains a NUL byte.");
  if (text.starts_with("\xEF\xBB\xBF"))
    return fail(ErrorCode::invalid_request, "The JSON starts with a byte order mark. Remove it.");
  return Reader(text, kept_depth, values_max).read();
}

}  // namespace lntpay
