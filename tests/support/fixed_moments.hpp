// Time stands still, and random comes from what is asked: every host of the engine then gives the same answers, those that run it
// in JavaScript (tests/e2e/lib_fixed_moments.mjs) as those in C++. The time is long ago, so that every host finds what is due at it
// due at once.
#pragma once
#include <memory>

#include "host-adapters/common/instance.hpp"

namespace lntpay::test {

std::unique_ptr<host::Instance> with_fixed_moments(std::unique_ptr<host::Instance> inner);

}  // namespace lntpay::test
