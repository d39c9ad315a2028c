// Decoding allocates only the invoice's own data. Counted by replacing the program's allocation functions, which
// sanitizers replace too.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "core/lightning/bolt11/decode.hpp"
#include "tests/support/handmade_invoice.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LNTPAY_SANITIZED
#endif
#endif

#ifndef LNTPAY_SANITIZED

namespace {
std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace lntpay;
using namespace lntpay::bolt11;
using namespace lntpay::bolt11::handmade;

namespace {

std::size_t blocks(const std::string& text) { return text.capacity() > std::string{}.capacity() ? 1 : 0; }
template <class Element>
std::size_t blocks(const std::vector<Element>& elements) {
  return elements.capacity() > 0 ? 1 : 0;
}

/// The heap allocations that an invoice keeps.
std::size_t kept(const Invoice& invoice) {
  std::size_t count = blocks(invoice.features) + blocks(invoice.routes) + blocks(invoice.fallbacks) +
                      blocks(invoice.unknown_fields) + blocks(invoice.ignored_fields) + blocks(invoice.field_order);
  if (const auto* text = std::get_if<std::string>(&invoice.description)) count += blocks(*text);
  if (invoice.metadata) count += blocks(*invoice.metadata);
  for (const auto& hint : invoice.routes) count += blocks(hint);
  for (const auto& fallback : invoice.fallbacks) count += blocks(fallback.program);
  for (const auto& fields : {&invoice.unknown_fields, &invoice.ignored_fields}) {
    for (const auto& field : *fields) count += blocks(field.data);
  }
  return count;
}

/// The allocations of decoding that the invoice does not keep.
std::size_t spent_beside(const std::string& fields) {
  const auto text = signed_text("lnbc2500u", s + p + fields);
  const auto before = allocations;
  const auto invoice = decode(text);
  const auto spent = allocations - before;
  REQUIRE_MESSAGE(invoice.has_value(), name(invoice.error().reason));
  return spent - kept(*invoice);
}

}  // namespace

TEST_CASE("decoding allocates only the invoice's own strings") {
  const auto words = field('d', zeros(512));
  CHECK(spent_beside(d) == 0);
  CHECK(spent_beside(h) == 0);
  CHECK(spent_beside(words) == 0);
  CHECK(spent_beside(words + field('x', "pu") + field('c', "p") + field('9', "sqsqq") + field('m', zeros(64))) == 0);
  CHECK(spent_beside(d + field('r', bolt_node.substr(0, 52) + "6" + zeros(29))) == 0);
  CHECK(spent_beside(d + field('f', "3" + zeros(32)) + field('2', zeros(80)) + field('p', zeros(80))) == 0);
}

TEST_CASE("a rejected invoice allocates no more than the fields read so far") {
  const auto refused = signed_text("lnbc2500u", s + p + field('d', zeros(512)) + field('n', zeros(53)));
  const auto before = allocations;
  CHECK_FALSE(decode(std::string_view{refused}.substr(0, refused.size() - 1)).has_value());
  CHECK(allocations - before == 0);
  CHECK_FALSE(decode(refused).has_value());
  CHECK(allocations - before == 1);  // the description, read before the fault
}

#endif
