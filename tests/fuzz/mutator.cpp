// libFuzzer's custom mutator for targets that read invoices: invoices are changed field by field, other inputs byte by byte.
#include <cstring>
#include <string>
#include <string_view>

#include "tests/fuzz/mutate.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max);

namespace {

using namespace lntpay::fuzz;

std::string_view text_of(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

bool is_invoice(std::string_view text) { return text.starts_with("ln") || text.starts_with("LN"); }

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max, unsigned seed) {
  Rng rng{seed};
  const auto put = [&](const std::string& text) {
    if (text.size() > max) return LLVMFuzzerMutate(data, size, max);
    std::memcpy(data, text.data(), text.size());
    return text.size();
  };
  if (!is_invoice(text_of(data, size))) return rng.one_in(8) ? put(some_invoice()) : LLVMFuzzerMutate(data, size, max);
  if (!rng.one_in(4)) return put(mutate(text_of(data, size), rng));
  size = LLVMFuzzerMutate(data, size, max);
  return rng.one_in(3) ? size : put(repair(text_of(data, size)));
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* left, std::size_t left_size, const std::uint8_t* right,
                                                 std::size_t right_size, std::uint8_t* out, std::size_t max, unsigned seed) {
  Rng rng{seed};
  const auto text = splice(text_of(left, left_size), text_of(right, right_size), rng);
  if (text.size() > max) return 0;
  std::memcpy(out, text.data(), text.size());
  return text.size();
}
