// The native side of the comparison with the wasm reader: prints "<input as hex> <verdict>" for every input.
//
//   differential FILE...              the files only
//   differential --mutants N SEED FILE...   N inputs made out of them; the same seed makes the same inputs
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/encoding.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "tests/fuzz/generate.hpp"
#include "tests/fuzz/mutate.hpp"
#include "tests/fuzz/parts.hpp"
#include "tests/fuzz/verdict.hpp"

using namespace lntpay;
using namespace lntpay::fuzz;

namespace {

// Prints the input first, so that it is known if the decoder crashes.
void print(std::string_view input) {
  std::fputs(hex(bytes_of(input)).c_str(), stdout);
  std::fflush(stdout);
  std::printf(" %s\n", verdict(input).c_str());
}

std::string content_of(const char* path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string generated(Rng& rng) {
  Bytes bytes(64 + rng.below(2'000));
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.u64());
  Choices choices{bytes};
  return bolt11::encode(generate(choices).invoice, known_key()).value_or(some_invoice());
}

/// One character changed, without a checksum to go with it.
std::string typo(std::string text, Rng& rng) {
  if (!text.empty()) text[rng.below(text.size())] = static_cast<char>(rng.u64());
  return text;
}

std::string mutant(const std::vector<std::string>& corpus, Rng& rng) {
  if (rng.one_in(4)) return generated(rng);
  auto text = corpus.empty() ? some_invoice() : corpus[rng.below(corpus.size())];
  for (std::size_t i = 1 + rng.below(2); i > 0; --i) text = mutate(text, rng);
  return rng.one_in(16) ? typo(std::move(text), rng) : text;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<const char*> arguments(argv + 1, argv + argc);
  const bool mutants = arguments.size() >= 3 && std::string_view{arguments[0]} == "--mutants";
  std::vector<std::string> corpus;
  for (std::size_t i = mutants ? 3 : 0; i < arguments.size(); ++i) corpus.push_back(content_of(arguments[i]));
  if (!mutants) {
    for (const auto& input : corpus) print(input);
    return 0;
  }
  Rng rng{std::strtoull(arguments[2], nullptr, 10)};
  for (auto left = std::strtoull(arguments[1], nullptr, 10); left > 0; --left) print(mutant(corpus, rng));
  return 0;
}
