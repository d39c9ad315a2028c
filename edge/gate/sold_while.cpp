// Two numbers.
#include "edge/gate/sold_while.hpp"

#include "core/storage/row.hpp"

namespace lntpay {

std::string SoldWhile::text() const { return std::to_string(from.value) + " " + std::to_string(until.value); }

std::optional<SoldWhile> SoldWhile::parse(std::string_view text) {
  SoldWhile sold;
  const bool good = row::read(row::cut(text, ' '), sold.from) && row::read(text, sold.until);
  return good ? std::optional(sold) : std::nullopt;
}

}  // namespace lntpay
