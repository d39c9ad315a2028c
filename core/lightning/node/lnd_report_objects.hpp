// The objects of /readyz that report on the live node: their fields and how they are read.
#pragma once
#include "core/base/object.hpp"

namespace lntpay {

inline constexpr std::string_view node_statuses[] = {"ready", "unavailable", "another_network", "behind", "not configured"};

struct NodeStateView {
  std::string_view status;
  std::optional<std::string_view> reason{};  ///< empty: null; nullopt: left out
};

inline constexpr auto node_state_object = object_of<NodeStateView>(
    member({.name = "status", .description = "Whether the node can be used.", .names = node_statuses},
           [](const auto& v) { return NameOf{v.status}; }),
    member("reason", "Of a configured node: why it cannot be used; null if it can.",
           [](const auto& v) { return OnlyWhenGiven<std::optional<std::string_view>>{v.reason.transform(null_if_empty)}; }));

struct ReceivableView {
  Msat capacity{};
  std::optional<Msat> smallest{};
  std::string_view reason{};  ///< not empty: the amounts are unknown, and left out

  template <class T>
  [[nodiscard]] OnlyWhenGiven<T> known(T amount) const {
    OnlyWhenGiven<T> given;
    if (reason.empty()) given.value.emplace(amount);
    return given;
  }
};

inline constexpr auto receivable_object = object_of<ReceivableView>(
    member({.name = "capacity_msat", .description = "What all active, announced channels can receive together.", .min = 0},
           [](const auto& v) { return v.known(v.capacity); }),
    member("smallest_msat", "The smallest payment that a peer forwards to the node; null: unknown.",
           [](const auto& v) { return v.known(v.smallest); }),
    member("reason", "Only where the amounts are unknown: why.",
           [](const auto& v) { return OnlyWhenGiven<std::string_view>{null_if_empty(v.reason)}; }));

}  // namespace lntpay
