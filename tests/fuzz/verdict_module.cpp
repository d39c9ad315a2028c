// The wasm side of the comparison: a module without imports. The host requests a buffer, writes a text, and requests the verdict.
#include <cstddef>
#include <string>

#include "tests/fuzz/verdict.hpp"

namespace {

std::string text;
std::string answer;

}  // namespace

extern "C" {

[[clang::export_name("room")]] char* room(std::size_t size) {
  text.resize(size);
  text.shrink_to_fit();  // no spare capacity, so that a read past the end is detected
  return text.data();
}

/// The size of the verdict.
[[clang::export_name("verdict")]] std::size_t verdict() {
  answer = lntpay::fuzz::verdict(text);
  return answer.size();
}

[[clang::export_name("answer")]] const char* answer_text() { return answer.data(); }
}
