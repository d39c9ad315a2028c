// Writing JSON: objects and arrays as text, members in the order of the calls.
//
// Responses and events are written once and never edited, so they need no tree; JSON from a user is inserted unchanged (`raw`).
// Text must be UTF-8. json_reader reads JSON.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lntpay {

/// Appends the text with quotes and escapes.
void append_json_string(std::string& out, std::string_view text);

class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text) {
    append_json_string(member(name), text);
    return *this;
  }
  JsonObject& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
  JsonObject& add(std::string_view name, std::same_as<bool> auto flag) { return raw(name, flag ? "true" : "false"); }
  template <std::integral N>
    requires(!std::same_as<N, bool>)
  JsonObject& add(std::string_view name, N number) {
    return raw(name, std::to_string(number));
  }
  /// null when absent.
  template <class T>
  JsonObject& add(std::string_view name, const std::optional<T>& value) {
    return value ? add(name, *value) : raw(name, "null");
  }
  /// JSON text as it is; null when empty.
  JsonObject& raw(std::string_view name, std::string_view json) {
    member(name) += json.empty() ? std::string_view("null") : json;
    return *this;
  }

  [[nodiscard]] std::string text() const { return text_ + "}"; }

 private:
  std::string& member(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    append_json_string(text_, name);
    return text_ += ':';
  }
  std::string text_ = "{";
};

class JsonArray {
 public:
  JsonArray& add(std::string_view text) {
    append_json_string(next(), text);
    return *this;
  }
  JsonArray& raw(std::string_view json) {
    next() += json;
    return *this;
  }
  [[nodiscard]] std::string text() const { return text_ + "]"; }

 private:
  std::string& next() {
    if (text_.size() > 1) text_ += ',';
    return text_;
  }
  std::string text_ = "[";
};

}  // namespace lntpay
