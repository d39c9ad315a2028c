// Replaces std::fstream, which doctest needs, in the wasm build of libc++, which has no files. It opens nothing.
#pragma once
#include <fstream>
#include <ostream>

namespace std {
struct lntpay_no_files : ostream {
  lntpay_no_files() : ostream{nullptr} {}
  void open(const char*, ios_base::openmode) {}
  [[nodiscard]] bool is_open() const { return false; }
  void close() {}
};
}  // namespace std
#define fstream lntpay_no_files
