// Dates by std::chrono; the fixed text formats are written and parsed here.
#include "core/base/time.hpp"

#include <array>
#include <chrono>

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

std::optional<UnixMillis> moment(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second) {
  const year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || year < 1970 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto days = static_cast<std::uint64_t>(sys_days(date).time_since_epoch().count());
  return UnixMillis{((days * 24 + hour) * 60 + minute) * 60'000 + second * 1'000};
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
  auto at = moment(*year, *month, *day, *hour, *minute, *second);
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

std::optional<UnixMillis> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 7> days{"Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, "};
  constexpr std::array<std::string_view, 12> months{" Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ",
                                                    " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec "};
  bool named = false;
  for (const auto day : days) named = named || cut(text, day);
  const auto day = cut_number(text, 2);
  if (!named || !day) return std::nullopt;
  unsigned month = 0;
  for (unsigned i = 0; i < months.size() && month == 0; ++i) {
    if (cut(text, months[i])) month = i + 1;
  }
  const auto year = cut_number(text, 4);
  if (month == 0 || !year || !cut(text, " ")) return std::nullopt;
  const auto hour = cut_number(text, 2);
  if (!hour || !cut(text, ":")) return std::nullopt;
  const auto minute = cut_number(text, 2);
  if (!minute || !cut(text, ":")) return std::nullopt;
  const auto second = cut_number(text, 2);
  if (!second || text != " GMT") return std::nullopt;
  return moment(*year, month, *day, *hour, *minute, *second);
}

}  // namespace lntpay
