// Structured logs: one JSON object per line, on standard error.
#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace lntpay::host {

enum class LogLevel : std::uint8_t { debug, info, warn, error, off };

/// nullopt for an unknown name.
std::optional<LogLevel> log_level(std::string_view name);

struct LogField {
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const char* text) : name(field_name), value(std::string_view(text)) {}
  template <std::integral Number>
  LogField(std::string_view field_name, Number number) : name(field_name), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view field_name, double number) : name(field_name), value(number) {}

  std::string_view name;
  std::variant<std::string_view, std::int64_t, double> value;
};

/// Thread-safe. Callers must not pass secrets: no headers, bodies or queries.
class Log {
 public:
  explicit Log(LogLevel level = LogLevel::info, int descriptor = 2) : level_(level), descriptor_(descriptor) {}

  [[nodiscard]] bool enabled(LogLevel level) const { return level >= level_; }
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {}) const;
  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::debug, event, fields); }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::info, event, fields); }
  void warn(std::string_view event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::warn, event, fields); }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) const { write(LogLevel::error, event, fields); }

 private:
  LogLevel level_;
  int descriptor_;
};

/// The path of a target for a log: without query, API keys, secrets, and the token after /pay/, which opens a checkout.
std::string loggable_path(std::string_view target);

}  // namespace lntpay::host
