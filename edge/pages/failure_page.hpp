// The page that a browser gets in place of an error.
#pragma once
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay {

/// In the language of the request's headers: nothing is here, or how to go on after Retry-After. `next`: the URL that it leads to;
/// empty: its own, which it loads again.
Response failure_page(const Error& why, const std::vector<Header>& headers, std::string_view next = {});

}  // namespace lntpay
