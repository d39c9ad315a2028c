// The string, the prefix, the loop over the fields (read_fields.cpp), the required fields, the signature.
#include "core/lightning/bolt11/decode.hpp"

#include <algorithm>

#include "core/lightning/bolt11/amount.hpp"
#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/invoice_reader.hpp"
#include "core/lightning/bolt11/tagged_field.hpp"

namespace lntpay::bolt11 {
namespace {

constexpr char blinded_path = '5';  // bLIP 39's type 20

}  // namespace

Check InvoiceReader::read_prefix() {
  const auto prefix = text_.prefix();
  if (!prefix.starts_with("ln")) return reject_at(Reason::prefix_not_lightning, 0);
  // The whole currency up to the first digit: "lnbcrt" also starts with "lnbc".
  const auto end = std::min(prefix.find_first_of("0123456789", 2), prefix.size());
  const auto network = network_of_currency(prefix.substr(2, end - 2));
  if (!network) return reject_at(Reason::currency_unknown, 2);
  invoice_.network = *network;
  if (end == prefix.size()) return {};
  const auto amount = read_amount(prefix.substr(end));
  if (!amount) return reject_at(amount.error().reason, end + amount.error().at);
  invoice_.amount = *amount;
  return {};
}

Check InvoiceReader::read_data() {
  const auto data = text_.data();
  if (data.size() < timestamp_groups + signature_groups) return reject_at(Reason::data_too_short, text_.offset_of(data.size()));
  for (std::size_t i = 0; i < timestamp_groups; ++i) invoice_.timestamp_s = invoice_.timestamp_s << 5 | data[i];
  const auto end = data.size() - signature_groups;
  for (field_ = timestamp_groups; field_ < end;) {
    if (end - field_ < field_head_groups) return reject(Reason::field_truncated);
    const std::size_t size = data[field_ + 1] * 32U + data[field_ + 2];
    if (end - field_ - field_head_groups < size) return reject(Reason::field_truncated);
    const char type = bech32_alphabet[data[field_]];
    invoice_.field_order += type;
    if (auto check = read_field(type, data.subspan(field_ + field_head_groups, size)); !check) return check;
    field_ += field_head_groups + size;
  }
  return check_presence();
}

Check InvoiceReader::check_presence() {
  if (!has('p')) return reject_at(Reason::payment_hash_missing, 0);
  if (!has('s')) return reject_at(has(blinded_path) ? Reason::blinded_path_unsupported : Reason::payment_secret_missing, 0);
  if (!has('d') && !has('h')) return reject_at(Reason::description_missing, 0);
  return {};
}

Check InvoiceReader::check_payee() {
  if (invoice_.payee_stated && !is_valid(invoice_.payee)) return reject_at(Reason::payee_not_a_key, payee_at_);
  return {};
}

Check InvoiceReader::check_signature() {
  const auto data = text_.data();
  const auto unsigned_data = data.first(data.size() - signature_groups);
  const auto at = text_.offset_of(unsigned_data.size());
  std::array<std::uint8_t, 65> bytes;
  pack(data.last(signature_groups), bytes);
  auto& signature = invoice_.signature;
  std::ranges::copy(ByteView{bytes}.first(64), signature.compact.begin());
  signature.recovery_id = bytes[64];
  if (signature.recovery_id > 3) return reject_at(Reason::recovery_id_invalid, text_.offset_of(data.size() - 2));
  // "if a valid `n` field is provided: MUST use the `n` field to validate the signature instead of performing signature
  // recovery", and since 2025-11 a high S fails with it; without n both are accepted. Recovering the key and comparing it is
  // stricter: the recovery id must lead to the same key.
  if (invoice_.payee_stated && has_high_s(signature.compact)) return reject_at(Reason::signature_high_s, at);
  const auto signer = recover(signature, signed_hash(text_.prefix(), unsigned_data));
  if (!signer) return reject_at(Reason::signature_invalid, at);
  if (invoice_.payee_stated && *signer != invoice_.payee) {
    if (auto check = check_payee(); !check) return check;
    return reject_at(Reason::payee_mismatch, at);
  }
  invoice_.payee = *signer;
  return {};
}

namespace {

enum class Signature : std::uint8_t { checked, unchecked };

std::expected<Invoice, Rejection> read(std::string_view text, Signature signature) {
  std::expected<Invoice, Rejection> result;
  Bech32 bech32;
  auto check = Bech32::read(text, bech32);
  InvoiceReader reader{bech32, *result};
  if (check) check = reader.read_prefix();
  if (check) check = reader.read_data();
  if (check) check = signature == Signature::checked ? reader.check_signature() : reader.check_payee();
  if (!check) result = std::unexpected{check.error()};
  return result;
}

}  // namespace

std::expected<Invoice, Rejection> decode(std::string_view text) { return read(text, Signature::checked); }
std::expected<Invoice, Rejection> decode_unverified(std::string_view text) { return read(text, Signature::unchecked); }

}  // namespace lntpay::bolt11
