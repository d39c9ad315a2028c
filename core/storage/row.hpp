// The row codec: how a record becomes the value of a key, and back.
//
// A row is one line of text: a version, then the fields in the order of `fields()`, separated by `|`. Inside a field `\`,
// `|` and line feed are written `\\`, `\p` and `\n`. An absent optional is an empty field; a list is joined by commas. The
// format is documented, and readable in a database shell: docs/formats.md.
//
//   struct Charge {
//     static constexpr int row_version = 1;
//     ChargeId id; Msat amount; std::optional<UnixMillis> paid_at;
//     auto fields(this auto& self) { return std::tie(self.id, self.amount, self.paid_at); }
//   };
//   to_row(charge)            == "1|ch_…|21000|"
//   from_row<Charge>(text)    -> Result<Charge>; internal_error when the text is not such a row
//   from_row<Charge>(entry)   -> the same for a row as it was read, with the error of a damaged row (core/storage/store.hpp)
//
// New fields are appended, and the row's earlier form stays readable where the record names it; the new fields have their defaults
// then:
//
//   static constexpr row::Earlier earlier_rows[] = {{.version = 1, .fields = 3}};
#pragma once
#include <array>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/enum_names.hpp"
#include "core/base/error.hpp"
#include "core/base/integer.hpp"
#include "core/base/units.hpp"

namespace lntpay {

namespace row {

void write_text(std::string& out, std::string_view text);
bool read_text(std::string_view field, std::string& out);
void write_bytes(std::string& out, ByteView bytes);
bool read_bytes(std::string_view field, std::span<std::uint8_t> out);
/// Cuts the next field, still escaped, off `rest`.
std::string_view cut(std::string_view& rest, char separator = '|');

inline void write(std::string& out, const std::string& text) { write_text(out, text); }
inline bool read(std::string_view field, std::string& out) { return read_text(field, out); }

template <std::integral N>
void write(std::string& out, N number) {
  out += std::to_string(number);
}
template <std::integral N>
bool read(std::string_view field, N& out) {
  const auto value = parse_integer<N>(field);
  if (value) out = *value;
  return value.has_value();
}
inline void write(std::string& out, bool flag) { out += flag ? '1' : '0'; }
inline bool read(std::string_view field, bool& out) {
  out = field == "1";
  return out || field == "0";
}

inline void write(std::string& out, Msat amount) { write(out, amount.value); }
inline bool read(std::string_view field, Msat& out) { return read(field, out.value); }
inline void write(std::string& out, UnixMillis at) { write(out, at.value); }
/// No later time can be written as text (core/base/time.hpp).
inline bool read(std::string_view field, UnixMillis& out) { return read(field, out.value) && out <= unix_millis_max; }

inline void write(std::string& out, const Bytes32& bytes) { write_bytes(out, bytes); }
inline bool read(std::string_view field, Bytes32& out) { return read_bytes(field, out); }

template <NamedEnum E>
void write(std::string& out, E value) {
  out += name_of(value);
}
template <NamedEnum E>
bool read(std::string_view field, E& out) {
  const auto found = from_name<E>(field);
  if (found) out = *found;
  return found.has_value();
}

/// Types with a text form: ids, keys.
template <class T>
concept Texted = requires(const T& value, std::string_view text) {
  { value.text() } -> std::convertible_to<std::string_view>;
  { T::parse(text) } -> std::same_as<std::optional<T>>;
};
template <Texted T>
void write(std::string& out, const T& value) {
  write_text(out, value.text());
}
template <Texted T>
bool read(std::string_view field, T& out) {
  auto parsed = T::parse(field);
  if (parsed) out = std::move(*parsed);
  return parsed.has_value();
}

template <class T>
void write(std::string& out, const std::optional<T>& value) {
  if (value) write(out, *value);
}
template <class T>
bool read(std::string_view field, std::optional<T>& out) {
  if (field.empty()) {
    out.reset();
    return true;
  }
  return read(field, out.emplace());
}

template <class T>
void write(std::string& out, const std::vector<T>& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    write(out, list[i]);
  }
}
template <class T>
bool read(std::string_view field, std::vector<T>& out) {
  out.clear();
  while (!field.empty()) {
    if (!read(cut(field, ','), out.emplace_back())) return false;
  }
  return true;
}

/// A field of a record without its type. The loops over fields are not templates (row.cpp): one instance per record took a tenth
/// of the component.
struct FieldOut {
  const void* at;
  void (*write)(std::string& out, const void* at);
};
struct FieldIn {
  void* at;
  bool (*read)(std::string_view field, void* at);
};
template <class T>
constexpr FieldOut field_out(const T& field) {
  return {&field, [](std::string& out, const void* at) { write(out, *static_cast<const T*>(at)); }};
}
template <class T>
constexpr FieldIn field_in(T& field) {
  return {&field, [](std::string_view text, void* at) { return read(text, *static_cast<T*>(at)); }};
}
/// A form that a record had: the first `fields` of today's.
struct Earlier {
  int version = 0;
  std::size_t fields = 0;
};
template <class T>
constexpr std::span<const Earlier> earlier_rows_of() {
  if constexpr (requires { T::earlier_rows; }) return T::earlier_rows;
  return {};
}
std::string write_fields(int version, std::span<const FieldOut> fields);
/// False when the text is not a row of this version with these fields, nor one of the earlier forms.
bool read_fields(std::string_view text, int version, std::span<const FieldIn> fields, std::span<const Earlier> earlier);

}  // namespace row

template <class T>
std::string to_row(const T& record) {
  return std::apply(
      [](const auto&... field) {
        const std::array fields{row::field_out(field)...};
        return row::write_fields(T::row_version, fields);
      },
      record.fields());
}

template <class T>
Result<T> from_row(std::string_view text) {
  T record;
  const bool good = std::apply(
      [text](auto&... field) {
        const std::array fields{row::field_in(field)...};
        return row::read_fields(text, T::row_version, fields, row::earlier_rows_of<T>());
      },
      record.fields());
  if (!good) return fail(ErrorCode::internal_error, "a stored row cannot be read");
  return record;
}

/// Every log line about a damaged row contains this and, after it, the row's key. `lntpay serve` counts these lines in
/// lntpay_rows_damaged_total.
inline constexpr std::string_view row_damaged = "row_damaged: ";
/// The log line for a row that breaks its grammar: for scans, which skip it and raise it as an alarm.
std::string damage_report(std::string_view key);
/// The error of an operation that needs such a row: storage_unavailable, with `damage_report` as its message, which is logged and
/// not shown to clients.
std::unexpected<Error> damaged_row(std::string_view key);
/// The reason of a host's `Failed` where it is a row that fails the read, and not the store: the host has logged the row's key.
inline constexpr std::string_view unreadable_row = "a row is damaged; the operator's log has its key";
/// Whether the operator's log has the message of a request's error: a defect, or a damaged row.
bool is_logged(const Error& error);

}  // namespace lntpay
