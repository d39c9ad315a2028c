// The output of `lntpay decode`: tables and carets within the width of the terminal, escaped controls, JSON lines.
#include "host-adapters/server/cli/invoice_text.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/bolt11/warnings.hpp"

namespace invoice_text_test {
using namespace lntpay;
using namespace lntpay::host;
using bolt11::Reason;

namespace {

SecretKey key() {
  Bytes32 bytes;
  bytes.fill(7);
  return *SecretKey::from(bytes);
}

bolt11::Invoice invoice_of(std::string description) {
  bolt11::Invoice invoice;
  invoice.network = bolt11::Network::regtest;
  invoice.amount = Msat{1'500};
  invoice.timestamp_s = 1'700'000'000;
  invoice.payment_hash.fill(1);
  invoice.payment_secret.fill(2);
  invoice.description = std::move(description);
  invoice.features = {8, 14, 17};
  return *bolt11::decode(*bolt11::encode(invoice, key()));
}

std::string line_of(const std::string& table, const std::string& label) {
  const auto at = table.find(label + " ");
  return at == std::string::npos ? "" : table.substr(at, table.find('\n', at) - at);
}

std::string table(std::string description, std::size_t width = 200) {
  return invoice_table(invoice_of(std::move(description)), {1'700'000'060'000}, width);
}

}  // namespace

TEST_CASE("the table shows amount, times and features in words") {
  const auto text = table("tea");
  CHECK(line_of(text, "amount") == "amount          1500 msat");
  CHECK(line_of(text, "description") == "description     tea");
  CHECK(line_of(text, "expires") == "expires         2023-11-14T23:13:20.000Z, in 59 minutes");
  CHECK(line_of(text, "final CLTV") == "final CLTV      18 blocks (default)");
  CHECK(line_of(text, "features") == "features        8 var_onion_optin (required), 14 payment_secret (required), 17 basic_mpp");
  const auto later = invoice_table(invoice_of(""), {1'700'003'600'000 + 86'400'000 * 3}, 80);
  CHECK(line_of(later, "expires").ends_with(", 3 days ago"));
}

TEST_CASE("no line of a table is wider than the terminal") {
  for (const std::size_t width : {80U, 100U, 140U}) {
    const auto text = table(std::string(300, 'x') + " and some words that may be broken between them, again and again", width);
    std::size_t from = 0;
    for (auto end = text.find('\n'); end != std::string::npos; from = end + 1, end = text.find('\n', from))
      CHECK(end - from <= width);
  }
  CHECK(line_of(table("tea", 80), "payment hash").size() == 80);
}

TEST_CASE("characters that a terminal would obey are escaped") {
  CHECK(line_of(table("a\x1b[31mb\n\x7f"), "description") == "description     a\\u001b[31mb\\u000a\\u007f");
  CHECK(line_of(table("\xc2\x9b"), "description") == "description     \\u009b");
  CHECK(line_of(table("\xe2\x80\xae drow"), "description") == "description     \\u202e drow");
  CHECK(line_of(table("gr\xc3\xbc\xc3\x9f \xf0\x9f\x8d\xb5"), "description") ==
        "description     gr\xc3\xbc\xc3\x9f \xf0\x9f\x8d\xb5");
}

TEST_CASE("a rejection points at its position and shows the text around it") {
  const auto sentence = "not an invoice: This character is not allowed in an invoice.\n";
  CHECK(rejection_text("lnbXc", {Reason::character_invalid, 3}, 80) == std::string(sentence) + "lnbXc\n   ^\n");
  CHECK(rejection_text("ln\xff", {Reason::character_invalid, 2}, 80) == std::string(sentence) + "ln?\n  ^\n");
  CHECK(rejection_text("lnbc1", {Reason::checksum_wrong, 0}, 80) ==
        "not an invoice: The checksum does not match. Check the text for changed, missing\nor extra characters.\n");
  const std::string text(300, 'q');
  for (const std::uint32_t at : {0U, 1U, 39U, 150U, 298U, 299U, 300U}) {
    CAPTURE(at);
    auto marked = text;
    if (at < marked.size()) marked[at] = '!';
    const auto shown = rejection_text(marked, {Reason::character_invalid, at}, 80).substr(std::string_view(sentence).size());
    const auto line = shown.substr(0, shown.find('\n'));
    const auto caret = shown.find('^') - line.size() - 1;
    const bool cut_before = line.starts_with("…");
    CHECK(line.size() - (cut_before ? 2 : 0) - (line.ends_with("…") ? 2 : 0) <= 80);
    if (at < marked.size()) CHECK(line[caret + (cut_before ? 2 : 0)] == '!');
  }
}

TEST_CASE("a line is a JSON object with the text and its validity") {
  const auto text = *bolt11::encode(invoice_of("tea"), key());
  const auto good = nlohmann::json::parse(invoice_line(text, bolt11::decode(text)));
  CHECK(good.at("valid") == true);
  CHECK(good.at("bolt11") == text);
  CHECK(good.at("amount_msat") == 1'500);
  const std::string broken = "lnbc\xff";
  const auto bad = nlohmann::json::parse(invoice_line(broken, bolt11::decode(broken)));
  CHECK(bad.at("valid") == false);
  CHECK(bad.at("reason") == "character_invalid");
  CHECK(bad.at("at") == 4);
}

TEST_CASE("docs/bolt11.md lists every rejection and warning with its sentence") {
  std::ifstream file("docs/bolt11.md");
  REQUIRE_MESSAGE(file.good(), "run from the project's root");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::string table = "| `reason` | Sentence |\n|---|---|\n";
  for (std::size_t i = 0; i < bolt11::reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    table.append("| `").append(bolt11::name(reason)).append("` | ").append(bolt11::sentence(reason)).append(" |\n");
  }
  CHECK_MESSAGE(text.contains(table + "\n"), "the table should be:\n", table);
  for (std::size_t i = 0; i < bolt11::warning_count; ++i) {
    const std::string name{bolt11::name(static_cast<bolt11::Warning>(i))};
    CHECK_MESSAGE(text.contains("| `" + name + "` |"), name);
  }
}

}  // namespace invoice_text_test
