// The wasm side: a module with nothing to import. The host asks for room, writes a text there, and asks for the verdict.
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
  text.shrink_to_fit();  // no slack behind the text for a read past its end to land in
  return text.data();
}

/// The size of the answer.
[[clang::export_name("verdict")]] std::size_t verdict() {
  answer = lntpay::fuzz::verdict(text);
  return answer.size();
}

[[clang::export_name("answer")]] const char* answer_text() { return answer.data(); }
}
