// The steps of `decode`: prefix, fields, required fields, signature. Shared by decode.cpp and read_fields.cpp only.
#pragma once
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <utility>

#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/errors.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

using Check = std::expected<void, Rejection>;

/// Reads one text into an invoice. The first check that fails ends it.
class InvoiceReader {
 public:
  InvoiceReader(const Bech32& text, Invoice& invoice) : text_(text), invoice_(invoice) {}

  Check read_prefix();
  Check read_data();
  Check check_payee();
  Check check_signature();

 private:
  [[nodiscard]] std::unexpected<Rejection> reject(Reason reason) const { return reject_at(reason, text_.offset_of(field_)); }
  [[nodiscard]] static std::unexpected<Rejection> reject_at(Reason reason, std::size_t at) {
    return std::unexpected{Rejection{reason, static_cast<std::uint32_t>(at)}};
  }

  // The fields, one by one: read_fields.cpp.
  Check read_field(char type, Groups data);
  Check read_hash(char type, Groups data, Bytes32& into);
  Check read_description(Groups data);
  Check read_description_hash(Groups data);
  Check read_payee(Groups data);
  template <class Number>
  Check read_number(Groups data, std::optional<Number>& into, Number max, Reason not_minimal, Reason too_large);
  Check read_features(Groups data);
  Check read_metadata(Groups data);
  Check read_fallback(Groups data);
  Check read_route(Groups data);
  void ignore(char type, Groups data);
  Check check_presence();

  /// The specification does not define which of two fields of a type counts; this reader rejects the second.
  bool is_first(char type) { return !std::exchange(seen_[group_of(type)], true); }
  [[nodiscard]] bool has(char type) const { return seen_[group_of(type)]; }

  const Bech32& text_;
  Invoice& invoice_;
  std::size_t field_ = 0;  // the first group of the current field
  std::size_t payee_at_ = 0;
  std::array<bool, 32> seen_{};
};

}  // namespace lntpay::bolt11
