// Keeps the component's imports at zero: libc++, libc++abi and wasi-libc cannot print before an abort. The instance traps instead,
// and wasi-libc's stdio finds no open file descriptor.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <version>

// NOLINTBEGIN(bugprone-reserved-identifier): the libraries link to these names.
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

// nlohmann_json's scanner converts numbers to doubles and formats tokens for its messages. core/base/json_reader keeps numbers as
// text and writes its own messages, so neither result is used; without the C library's conversions the component is 12 KB smaller.
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
