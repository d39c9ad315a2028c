// Fuzzes the row codec and the strings in rows: a record that was read is written, and read again unchanged.
#include <array>
#include <string>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "core/storage/row.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/generate.hpp"

namespace lntpay {

enum class Colour : std::uint8_t { red, dark_blue };
template <>
inline constexpr auto enum_names<Colour> = std::to_array<std::string_view>({"red", "dark.blue"});

namespace fuzz {
namespace {

struct Record {
  static constexpr int row_version = 2;
  std::string text;
  std::uint64_t wide = 0;
  std::int64_t change = 0;
  std::uint16_t narrow = 0;
  bool flag = false;
  Colour colour{};
  Msat amount;
  std::optional<UnixMillis> at;
  Bytes32 hash{};
  std::optional<Bytes32> maybe_hash;
  std::vector<Colour> colours;
  std::vector<std::uint64_t> numbers;

  auto fields(this auto& self) {
    return std::tie(self.text, self.wide, self.change, self.narrow, self.flag, self.colour, self.amount, self.at, self.hash,
                    self.maybe_hash, self.colours, self.numbers);
  }
};

void check_reading(std::string_view text) {
  const auto record = from_row<Record>(text);
  if (!record) return;
  const auto row = to_row(*record);
  expect(!row.contains('\n'), "a row is a line");
  expect(text.contains('\n') || row.size() <= text.size(), "and not longer than what was read, unless that was no line");
  const auto again = from_row<Record>(row);
  expect(again.has_value(), "what is written is read");
  expect(again->fields() == record->fields(), "as it was");
}

void check_writing(ByteView bytes) {
  Choices choices{bytes};
  Record record;
  for (auto i = choices.below(32); i > 0; --i) record.text += static_cast<char>(choices.number(1));
  record.wide = choices.number(8);
  record.change = static_cast<std::int64_t>(choices.number(8));
  record.narrow = static_cast<std::uint16_t>(choices.number(2));
  record.flag = choices.yes();
  record.colour = static_cast<Colour>(choices.below(2));
  record.amount = Msat{choices.number(8)};
  if (choices.yes()) record.at = UnixMillis{choices.below(unix_millis_max.value + 1)};
  choices.fill(record.hash);
  if (choices.yes()) choices.fill(record.maybe_hash.emplace());
  for (auto i = choices.below(4); i > 0; --i) record.colours.push_back(static_cast<Colour>(choices.below(2)));
  for (auto i = choices.below(4); i > 0; --i) record.numbers.push_back(choices.number(8));
  const auto back = from_row<Record>(to_row(record));
  expect(back.has_value(), "any record is read back");
  expect(back->fields() == record.fields(), "as it was");
}

/// Each text has one value, and each value one text.
void check_encodings(std::string_view text) {
  std::string field;
  if (text.find_first_of("|\n") == std::string_view::npos && row::read_text(text, field)) {
    std::string escaped;
    row::write_text(escaped, field);
    expect_equal(escaped, text, "a field of text is escaped in one way");
  }
  if (const auto bytes = hex_decode(text)) expect_equal(hex(*bytes), text, "hex has one text");
  for (const auto form : {Base64::standard, Base64::standard_unpadded, Base64::url, Base64::url_unpadded}) {
    if (const auto bytes = base64_decode(form, text)) expect_equal(base64(form, *bytes), text, "base64 has one text");
  }
  if (const auto number = base62_decode(text); number && text.size() <= 11)
    expect_equal(base62(*number, text.size()), text, "base62 has one text");
  if (const auto number = crockford_number(text)) expect_equal(crockford(*number, text.size()), text, "Crockford's has one text");
  if (const auto at = parse_rfc3339(text)) expect(parse_rfc3339(rfc3339(*at)) == at, "a time is written as it was read");
}

}  // namespace
}  // namespace fuzz
}  // namespace lntpay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  lntpay::fuzz::check_reading(text);
  lntpay::fuzz::check_writing({data, size});
  lntpay::fuzz::check_encodings(text);
  return 0;
}
