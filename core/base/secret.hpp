// Secret bytes: owned once, wiped on destruction, never printed, compared in constant time.
#pragma once
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/bytes.hpp"

namespace lntpay {

/// Overwrites with zeros; the compiler cannot remove it.
inline void wipe(std::span<std::uint8_t> bytes) {
  if (bytes.empty()) return;
  std::memset(bytes.data(), 0, bytes.size());
  asm volatile("" : : "r"(bytes.data()) : "memory");
}

/// Wipes the text and leaves it empty.
inline void wipe(std::string& text) {
  wipe(std::span{reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.clear();
}

/// Whether both are the same bytes. The time depends on the lengths only: lengths are not secret.
[[nodiscard]] inline bool constant_time_equal(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    asm volatile("" : "+r"(difference));  // keeps the compiler from leaving the loop early
  }
  return difference == 0;
}

/// Owns secret bytes. Move-only; a moved-from Secret is empty. `reveal` is the only access to the bytes, so a search for it finds
/// every use.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes&& bytes) : bytes_(std::move(bytes)) {}
  static Secret copy_of(ByteView bytes) { return Secret{Bytes(bytes.begin(), bytes.end())}; }
  static Secret copy_of(std::string_view text) { return copy_of(bytes_of(text)); }

  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
  }
  ~Secret() { wipe(bytes_); }

  [[nodiscard]] Secret clone() const { return copy_of(reveal()); }
  [[nodiscard]] ByteView reveal() const { return bytes_; }
  [[nodiscard]] std::string_view reveal_text() const { return text_of(bytes_); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  /// In constant time.
  bool operator==(const Secret& other) const { return constant_time_equal(bytes_, other.bytes_); }

 private:
  Bytes bytes_;
};

/// The text of a secret in a log.
inline std::string_view to_string(const Secret&) { return "***"; }

}  // namespace lntpay
