// Combines several function objects into one, for std::visit.
#pragma once

namespace lntpay {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

}  // namespace lntpay
