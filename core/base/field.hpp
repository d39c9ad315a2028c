// One field of a request or of an object of the API. Requests are validated against lists of fields (edge/http/schema.hpp); objects
// are written from them (object.hpp).
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace lntpay {

/// Text that only documentation and tests read. The component contains none of it.
#ifdef __wasm__
struct Prose {
  constexpr Prose() = default;
  consteval Prose(const char*) {}  // NOLINT(google-explicit-constructor): written as text is
};
#else
using Prose = std::string_view;
#endif

enum class FieldType : std::uint8_t {
  text,     ///< min and max: bytes of UTF-8
  integer,  ///< min and max: its value
  sats,     ///< an amount in satoshi; min and max: its value
  msats,    ///< an amount in millisatoshi; min and max: its value
  boolean,  ///< in a response, with the one of `names` as its only value
  object,   ///< any JSON object, kept as the text that was sent; max: bytes. In responses: `lists`, `members`
  one_of,   ///< one of `names`
  names,    ///< a list of different `names`, or of any different texts where there are none; min and max: how many. In a query:
            ///< separated by commas
  url,      ///< http or https, absolute; max: bytes
  hex32,    ///< 64 lower-case hex digits
  time,     ///< RFC 3339
};

/// What is promised about responses: native tests hold them to it, the component contains none of it.
#ifdef __wasm__
template <class T>
struct Promised {
  constexpr Promised() = default;
  template <std::size_t N>
  consteval Promised(const T (&)[N]) {}  // NOLINT(google-explicit-constructor): written as the list is
  template <std::size_t N>
  consteval Promised(const std::array<T, N>&) {}                // NOLINT(google-explicit-constructor): written as the list is
  constexpr operator std::span<const T>() const { return {}; }  // NOLINT(google-explicit-constructor): read as the list is
};
inline constexpr bool promises_are_kept = false;
#else
template <class T>
using Promised = std::span<const T>;
inline constexpr bool promises_are_kept = true;
#endif

struct Field;
/// A list of fields in a field: not every library has a span of a type that is still incomplete.
class FieldList {
 public:
  constexpr FieldList() = default;
  constexpr FieldList(std::span<const Field> fields);  // NOLINT(google-explicit-constructor): written as the list is
  constexpr operator std::span<const Field>() const;   // NOLINT(google-explicit-constructor): read as the list is
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }

 private:
  const Field* first_ = nullptr;
  std::size_t size_ = 0;
};

/// By default an amount is not 0, and a text or list is not empty: `min` is 1. `max` 0: the largest that the type allows.
struct Field {
  std::string_view name;
  FieldType type{};
  Prose description;  ///< one line
  bool required = false;
  bool only_when_given = false;  ///< in a response: absent where it has no value, never null for that reason
  bool nullable = false;         ///< in a response: null where it has no value
  std::uint8_t lists = 0;        ///< of an object in a response: 1: a list of such objects; 2: a list of such lists
  FieldList members{};           ///< of an object in a response: its fields; empty: any
  std::uint64_t min = 1;
  std::uint64_t max = 0;
  std::span<const std::string_view> names{};
  Prose form{};             ///< in a request: a rule of its own that the text or object follows, by its name in the document
  Prose instead_of{};       ///< in a request: the field that may not be given beside this one
  bool one_needed = false;  ///< …and one of the two is required
};

constexpr FieldList::FieldList(std::span<const Field> fields) : first_(fields.data()), size_(fields.size()) {}
constexpr FieldList::operator std::span<const Field>() const { return {first_, size_}; }

using Schema = std::span<const Field>;

}  // namespace lntpay
