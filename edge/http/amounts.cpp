// Reading an amount from either of two fields.
#include "edge/http/amounts.hpp"

namespace lntpay {

Result<std::optional<Msat>> amount_of(const Body& body, std::string_view in_sats, std::string_view in_msats) {
  const auto sats = body.sats(in_sats);
  const auto msats = body.msats(in_msats);
  if (sats && msats) {
    return fail(ErrorCode::invalid_request, "Give either " + std::string(in_sats) + " or " + std::string(in_msats) + ".",
                std::string(in_sats));
  }
  return sats ? sats : msats;
}

Result<Msat> required_amount_of(const Body& body, std::string_view in_sats, std::string_view in_msats) {
  auto amount = amount_of(body, in_sats, in_msats);
  if (!amount) return std::unexpected(std::move(amount.error()));
  if (*amount) return **amount;
  return fail(ErrorCode::invalid_request, "Give either " + std::string(in_sats) + " or " + std::string(in_msats) + ".",
              std::string(in_sats));
}

}  // namespace lntpay
