// doctest can write to a file; the wasm build of libc++ has no files. This stands in for std::fstream there, and opens nothing.
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
