// One function object of several, for std::visit.
#pragma once

namespace lntpay::host {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

}  // namespace lntpay::host
