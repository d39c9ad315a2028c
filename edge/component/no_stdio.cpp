// Keeps the component's imports at zero. What libc++, libc++abi and wasi-libc would print on their way to an abort has nowhere to
// go: the instance traps at once instead, and wasi-libc's stdio finds no file descriptor behind it.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <version>

// NOLINTBEGIN(bugprone-reserved-identifier): the names are those that the libraries link to.
extern "C" [[noreturn]] void abort_message(const char* /*format*/, ...) { __builtin_trap(); }

_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char* /*format*/, ...) noexcept { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD

// WASI's errno 8 is `badf`.
extern "C" {
std::int32_t __imported_wasi_snapshot_preview1_fd_write(std::int32_t, std::int32_t, std::int32_t, std::int32_t) { return 8; }
std::int32_t __imported_wasi_snapshot_preview1_fd_seek(std::int32_t, std::int64_t, std::int32_t, std::int32_t) { return 8; }
std::int32_t __imported_wasi_snapshot_preview1_fd_close(std::int32_t) { return 8; }
}

// nlohmann_json's scanner turns numbers into doubles and puts tokens into messages. The reader on top of it (core/base/json_reader)
// keeps numbers as text and makes its own messages, so neither is looked at: without the C library's conversions the component is
// 12 KB smaller.
extern "C" {
int __wrap_snprintf(char* out, std::size_t size, const char* /*format*/, ...) {
  if (size > 0) *out = '\0';
  return 0;
}
double __wrap_strtod(const char* text, char** end) {
  if (end != nullptr) *end = const_cast<char*>(text) + std::strlen(text);
  return 0;
}
}
// NOLINTEND(bugprone-reserved-identifier)
