// The page of a charge that has ended.
#pragma once
#include <string>

#include "edge/pages/checkout_page.hpp"

namespace lntpay {

/// What happened, what to do now, and the receipt.
std::string ended_page(const Checkout& checkout);

}  // namespace lntpay
