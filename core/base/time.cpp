// Dates by std::chrono; the fixed text formats are written and parsed here.
#include "core/base/time.hpp"

#include <array>
#include <chrono>
#include <compare>
#include <span>

#include "core/base/ascii.hpp"

namespace lntpay {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

void append_digits(std::string& out, unsigned number, std::size_t width) {
  const auto digits = std::to_string(number);
  out.append(width - digits.size(), '0').append(digits);
}

/// Removes `width` digits from the front and returns their value.
std::optional<unsigned> cut_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  unsigned number = 0;
  for (const char c : text.substr(0, width)) {
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(width);
  return number;
}

bool cut(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

struct DateFields {
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  auto operator<=>(const DateFields&) const = default;
};

std::optional<UnixMillis> moment(const DateFields& at) {
  const year_month_day date{std::chrono::year(static_cast<int>(at.year)), std::chrono::month(at.month), std::chrono::day(at.day)};
  if (!date.ok() || at.year < 1970 || at.hour > 23 || at.minute > 59 || at.second > 60) return std::nullopt;
  const auto days = static_cast<std::uint64_t>(sys_days(date).time_since_epoch().count());
  return UnixMillis{((days * 24 + at.hour) * 60 + at.minute) * 60'000 + at.second * 1'000};
}

DateFields fields_of(UnixMillis at) {
  const year_month_day date{sys_days(std::chrono::days(static_cast<int>(at.value / 86'400'000)))};
  const auto second = static_cast<unsigned>(at.value / 1'000 % 86'400);
  return {.year = static_cast<unsigned>(static_cast<int>(date.year())),
          .month = static_cast<unsigned>(date.month()),
          .day = static_cast<unsigned>(date.day()),
          .hour = second / 3'600,
          .minute = second / 60 % 60,
          .second = second % 60};
}

using namespace std::string_view_literals;
constexpr std::array day_names{"Mon"sv, "Tue"sv, "Wed"sv, "Thu"sv, "Fri"sv, "Sat"sv, "Sun"sv};
constexpr std::array long_day_names{"Monday"sv, "Tuesday"sv, "Wednesday"sv, "Thursday"sv, "Friday"sv, "Saturday"sv, "Sunday"sv};
constexpr std::array month_names{"Jan"sv, "Feb"sv, "Mar"sv, "Apr"sv, "May"sv, "Jun"sv,
                                 "Jul"sv, "Aug"sv, "Sep"sv, "Oct"sv, "Nov"sv, "Dec"sv};

/// Reads a date of a fixed form from its front to its end. Names are case-sensitive (RFC 9110, section 5.6.7); that the day's name
/// fits the date is not required.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  DateReader& text(std::string_view expected) { return require(cut(rest_, expected)); }
  DateReader& day_name(std::span<const std::string_view> names) { return require(index_of(names).has_value()); }
  DateReader& month() {
    const auto index = index_of(month_names);
    date_.month = index.value_or(0) + 1;
    return require(index.has_value());
  }
  DateReader& number(unsigned DateFields::* field, std::size_t width) {
    const auto number = cut_number(rest_, width);
    date_.*field = number.value_or(0);
    return require(number.has_value());
  }
  /// "08:49:37"
  DateReader& time() {
    number(&DateFields::hour, 2).text(":").number(&DateFields::minute, 2).text(":");
    return number(&DateFields::second, 2);
  }
  [[nodiscard]] bool starts_with(std::string_view expected) const { return rest_.starts_with(expected); }
  [[nodiscard]] std::optional<DateFields> end() const { return good_ && rest_.empty() ? std::optional(date_) : std::nullopt; }

 private:
  std::optional<unsigned> index_of(std::span<const std::string_view> names) {
    for (unsigned i = 0; i < names.size(); ++i)
      if (cut(rest_, names[i])) return i;
    return std::nullopt;
  }
  DateReader& require(bool holds) {
    good_ = good_ && holds;
    return *this;
  }

  std::string_view rest_;
  DateFields date_;
  bool good_ = true;
};

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<DateFields> imf_fixdate(std::string_view text) {
  DateReader read(text);
  read.day_name(day_names).text(", ").number(&DateFields::day, 2).text(" ").month().text(" ");
  return read.number(&DateFields::year, 4).text(" ").time().text(" GMT").end();
}

/// "Sun Nov  6 08:49:37 1994"
std::optional<DateFields> asctime_date(std::string_view text) {
  DateReader read(text);
  read.day_name(day_names).text(" ").month().text(" ");
  const bool one_digit = read.starts_with(" ");
  read.text(one_digit ? " " : "").number(&DateFields::day, one_digit ? 1 : 2);
  return read.text(" ").time().text(" ").number(&DateFields::year, 4).end();
}

/// "Sunday, 06-Nov-94 08:49:37 GMT". "Recipients … MUST interpret a timestamp that appears to be more than 50 years in the future
/// as representing the most recent year in the past that had the same last two digits." (RFC 9110, section 5.6.7)
std::optional<DateFields> rfc850_date(std::string_view text, UnixMillis now) {
  DateReader read(text);
  read.day_name(long_day_names).text(", ").number(&DateFields::day, 2).text("-").month().text("-");
  auto date = read.number(&DateFields::year, 2).text(" ").time().text(" GMT").end();
  if (!date) return std::nullopt;
  auto latest = fields_of(now);
  date->year += latest.year - latest.year % 100 + 100;
  latest.year += 50;
  while (*date > latest) date->year -= 100;
  return date;
}

}  // namespace

std::string rfc3339(UnixMillis at) {
  const auto days = static_cast<int>(at.value / 86'400'000);
  const auto rest = static_cast<unsigned>(at.value % 86'400'000);
  const year_month_day date{sys_days(std::chrono::days(days))};
  std::string out;
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  append_digits(out += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(out += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(out += 'T', rest / 3'600'000, 2);
  append_digits(out += ':', rest / 60'000 % 60, 2);
  append_digits(out += ':', rest / 1'000 % 60, 2);
  append_digits(out += '.', rest % 1'000, 3);
  return out += 'Z';
}

std::optional<UnixMillis> parse_rfc3339(std::string_view text) {
  const auto year = cut_number(text, 4);
  if (!year || !cut(text, "-")) return std::nullopt;
  const auto month = cut_number(text, 2);
  if (!month || !cut(text, "-")) return std::nullopt;
  const auto day = cut_number(text, 2);
  if (!day || !(cut(text, "T") || cut(text, "t"))) return std::nullopt;
  const auto hour = cut_number(text, 2);
  if (!hour || !cut(text, ":")) return std::nullopt;
  const auto minute = cut_number(text, 2);
  if (!minute || !cut(text, ":")) return std::nullopt;
  const auto second = cut_number(text, 2);
  if (!second) return std::nullopt;
  auto at = moment({.year = *year, .month = *month, .day = *day, .hour = *hour, .minute = *minute, .second = *second});
  if (!at) return std::nullopt;
  if (cut(text, ".")) {
    unsigned scale = 100;
    std::size_t digits = 0;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
      at->value += static_cast<unsigned>(text.front() - '0') * scale;
      scale /= 10;
    }
    if (digits == 0 || digits > 9) return std::nullopt;
  }
  if (text == "Z" || text == "z") return at;
  const bool east = cut(text, "+");
  if (!east && !cut(text, "-")) return std::nullopt;
  const auto offset_hours = cut_number(text, 2);
  if (!offset_hours || !cut(text, ":")) return std::nullopt;
  const auto offset_minutes = cut_number(text, 2);
  if (!offset_minutes || !text.empty() || *offset_hours > 23 || *offset_minutes > 59) return std::nullopt;
  const auto offset = minutes(static_cast<std::int64_t>(*offset_hours) * 60 + *offset_minutes);
  return east ? *at - offset : *at + offset;
}

std::optional<UnixMillis> parse_imf_fixdate(std::string_view text) {
  const auto date = imf_fixdate(text);
  return date ? moment(*date) : std::nullopt;
}

std::optional<UnixMillis> parse_http_date(std::string_view text, UnixMillis now) {
  auto date = imf_fixdate(text);
  if (!date) date = asctime_date(text);
  if (!date) date = rfc850_date(text, now);
  return date ? moment(*date) : std::nullopt;
}

}  // namespace lntpay
