// Entries as lines of CSV.
#include "core/ledger/ledger_export.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace lntpay::ledger_export_test {
namespace {

LedgerEntry example(std::string reference) {
  Bytes32 payment_hash{};
  for (std::size_t i = 0; i < payment_hash.size(); ++i) payment_hash[i] = static_cast<std::uint8_t>(i);
  AccountState account;
  const Transfer credit{credit_transfer_id(payment_hash), EntryType::charge_credit, 21'000, 0, 0, std::move(reference)};
  return *post(account, credit, *EntryId::parse("le_Ab0000000000000000000000000A"), UnixMillis{1'700'000'000'000});
}

}  // namespace

TEST_CASE("the worked example of docs/formats.md as a line of CSV") {
  CHECK(entry_csv(example("ch_Ab0000000000000000000000000B")) ==
        "1,le_Ab0000000000000000000000000A,1,charge.credit,d820334131643d6919267232e39bd02cda276cdf6330e40a573934b0e933521b,21000,"
        "0,0,"
        "21000,0,ch_Ab0000000000000000000000000B,2023-11-14T22:13:20.000Z,"
        "0000000000000000000000000000000000000000000000000000000000000000,"
        "169850eab55e2ac4a20c1a7d0b8bf0857b5952dafe8df6d66ae49ffcdb3cd033\n");
}

TEST_CASE("a line has as many fields as the header") {
  const auto line = entry_csv(example("ch_x"));
  CHECK(std::ranges::count(line, ',') == std::ranges::count(csv_header, ','));
  CHECK(csv_header.ends_with('\n'));
}

TEST_CASE("a reference with a separator is quoted") {
  CHECK(entry_csv(example("a,b")).contains(",\"a,b\",2023"));
  CHECK(entry_csv(example("a\"b")).contains(",\"a\"\"b\",2023"));
  CHECK(entry_csv(example("a\nb")).contains(",\"a\nb\",2023"));
  CHECK(entry_csv(example("a b|c\\")).contains(",a b|c\\,2023"));
}

}  // namespace lntpay::ledger_export_test
