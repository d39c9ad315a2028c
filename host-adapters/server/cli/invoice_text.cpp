// Columns, carets and JSON lines.
#include "host-adapters/server/cli/invoice_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "core/base/utf8.hpp"
#include "core/lightning/bolt11/features.hpp"
#include "core/lightning/bolt11/invoice_object.hpp"
#include "core/lightning/bolt11/warnings.hpp"

namespace lntpay::host {
namespace {

constexpr std::size_t label_columns = 16;

/// The bytes of the UTF-8 character at `at`.
std::size_t size_of(std::string_view text, std::size_t at) {
  std::size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

/// Characters that a terminal would obey: controls, and changes of writing direction.
bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

std::uint32_t character(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  std::uint32_t value = bytes.size() == 1 ? first : first & (0x7fU >> bytes.size());
  for (const char c : bytes.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  return value;
}

std::string escaped_controls(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const auto bytes = text.substr(at, size_of(text, at));
    const auto value = character(bytes);
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", value & 0xffff);
    shown += is_control(value) ? std::string_view(escaped) : bytes;
    at += bytes.size();
  }
  return shown;
}

/// Lines of at most `width` characters, broken between words where possible.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  const auto columns = width > indent + 20 ? width - indent : 20;
  std::string lines;
  for (;;) {
    std::size_t end = 0;
    for (std::size_t column = 0; column < columns && end < text.size(); ++column) end += size_of(text, end);
    if (end == text.size()) return lines.append(text);
    if (const auto space = text.rfind(' ', end); space != std::string_view::npos && space > 0) end = space;
    lines.append(text.substr(0, end)).append("\n").append(indent, ' ');
    text.remove_prefix(text[end] == ' ' ? end + 1 : end);
  }
}

class FieldTable {
 public:
  explicit FieldTable(std::size_t width) : width_(width) {}
  void row(std::string_view label, std::string_view value) {
    text_.append(label).append(label_columns - label.size(), ' ');
    text_.append(wrapped(escaped_controls(value), label_columns, width_)).append("\n");
  }
  std::string text() && { return std::move(text_); }

 private:
  std::size_t width_;
  std::string text_;
};

std::string amount_text(const bolt11::Invoice& invoice) {
  if (!invoice.amount) return "any";
  const auto msat = invoice.amount->value;
  if (msat % 1'000 == 0) return std::to_string(msat / 1'000) + " sat";
  return std::to_string(msat) + " msat";
}

std::string duration_text(std::uint64_t seconds) {
  const auto of = [](std::uint64_t n, const char* unit) { return std::to_string(n) + " " + unit + (n == 1 ? "" : "s"); };
  if (seconds < 120) return of(seconds, "second");
  if (seconds < 7'200) return of(seconds / 60, "minute");
  if (seconds < 172'800) return of(seconds / 3'600, "hour");
  return of(seconds / 86'400, "day");
}

std::string expiry_text(const bolt11::Invoice& invoice, UnixMillis now) {
  const auto left = (invoice.expires_at() - now).value / 1'000;
  return rfc3339(invoice.expires_at()) + (left > 0 ? ", in " + duration_text(static_cast<std::uint64_t>(left))
                                                   : ", " + duration_text(static_cast<std::uint64_t>(-left)) + " ago");
}

std::string features_text(const bolt11::Invoice& invoice) {
  std::string text;
  for (const auto bit : invoice.features) {
    const auto name = bolt11::feature_name(bit);
    text.append(text.empty() ? "" : ", ").append(std::to_string(bit)).append(" ").append(name.empty() ? "unknown" : name);
    if (bit % 2 == 0) text += " (required)";
  }
  return text;
}

std::string hop_text(const bolt11::RouteHop& hop) {
  return hex(hop.node.bytes) + " " + bolt11::channel_text(hop.short_channel_id) + ", fee " + std::to_string(hop.fee_base_msat) +
         " msat + " + std::to_string(hop.fee_proportional_millionths) + " ppm, CLTV " + std::to_string(hop.cltv_expiry_delta);
}

void add_lists(FieldTable& table, const bolt11::Invoice& invoice) {
  if (!invoice.features.empty()) table.row("features", features_text(invoice));
  for (const auto& hint : invoice.routes) {
    for (std::size_t i = 0; i < hint.size(); ++i) table.row(i == 0 ? "route" : "", hop_text(hint[i]));
  }
  for (const auto& fallback : invoice.fallbacks)
    table.row("fallback", "version " + std::to_string(fallback.version) + " " + hex(fallback.program));
  if (invoice.metadata) table.row("metadata", hex(*invoice.metadata));
  for (const auto& field : invoice.unknown_fields) table.row("unknown field", std::string{field.type, ' '} + field.data);
  for (const auto& field : invoice.ignored_fields) table.row("ignored field", std::string{field.type, ' '} + field.data);
}

}  // namespace

std::string invoice_table(const bolt11::Invoice& invoice, UnixMillis now, std::size_t width) {
  FieldTable table(width);
  table.row("network", bolt11::name(invoice.network));
  table.row("amount", amount_text(invoice));
  if (const auto* text = std::get_if<std::string>(&invoice.description)) table.row("description", *text);
  if (const auto* hash = std::get_if<bolt11::DescriptionHash>(&invoice.description))
    table.row("description", "SHA-256 " + hex(hash->sha256));
  table.row("created", rfc3339(invoice.created_at()));
  table.row("expires", expiry_text(invoice, now));
  table.row("payment hash", hex(invoice.payment_hash));
  table.row("payment secret", hex(invoice.payment_secret));
  table.row("payee", hex(invoice.payee.bytes) + (invoice.payee_stated ? " (stated)" : ""));
  table.row("final CLTV", std::to_string(invoice.final_cltv_blocks()) + " blocks" + (invoice.min_final_cltv ? "" : " (default)"));
  add_lists(table, invoice);
  table.row("signature", hex(invoice.signature.compact) + " recovery id " + std::to_string(invoice.signature.recovery_id));
  for (const auto warning : bolt11::warnings(invoice)) table.row("warning", bolt11::sentence(warning));
  return std::move(table).text();
}

std::string rejection_text(std::string_view text, const bolt11::Rejection& rejection, std::size_t width) {
  std::string shown = wrapped("not an invoice: " + std::string(bolt11::sentence(rejection.reason)), 0, width) + "\n";
  if (!bolt11::has_position(rejection.reason)) return shown;
  const std::size_t columns = std::max<std::size_t>(width, 20);
  const std::size_t at = rejection.at;
  // One column per byte, and one more because the position may be the end.
  const auto size = text.size() + 1;
  const auto from = size <= columns ? 0 : std::min(at - std::min(at, columns / 2), size - columns);
  const auto until = std::min(size, from + columns);
  for (auto i = from; i < until && i < text.size(); ++i) {
    const bool cut = (i == from && from > 0) || (i + 1 == until && until < size);
    const char c = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    shown += cut ? std::string_view("…") : std::string_view(&c, 1);
  }
  return shown.append("\n").append(at - from, ' ').append("^\n");
}

std::string invoice_line(std::string_view text, const std::expected<bolt11::Invoice, bolt11::Rejection>& read) {
  if (read) return bolt11::invoice_json({*read}).add("valid", true).add("bolt11", text).text();
  JsonObject object;
  object.raw("object", "\"bolt11\"").add("reason", bolt11::name(read.error().reason));
  object.add("sentence", bolt11::sentence(read.error().reason));
  object.add("at", bolt11::has_position(read.error().reason) ? std::optional{read.error().at} : std::nullopt);
  return object.add("valid", false).add("bolt11", replace_ill_formed(text)).text();
}

}  // namespace lntpay::host
