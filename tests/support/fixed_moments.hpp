// Fixed time, and randomness derived from the request, so that every host of the engine gives the same responses, in C++ and in
// JavaScript (tests/e2e/lib_fixed_moments.mjs). The time is in the past, so that due work is due at once on every host.
#pragma once
#include <memory>

#include "host-adapters/common/instance.hpp"

namespace lntpay::test {

std::unique_ptr<host::Instance> with_fixed_moments(std::unique_ptr<host::Instance> inner);

}  // namespace lntpay::test
