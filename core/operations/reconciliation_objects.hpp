// The objects in the answers to reconciliation: their fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/charge/unmatched_settlement.hpp"
#include "core/operations/node_reconciliation.hpp"

namespace lntpay {

/// For a charge the amounts are credited and received; for a withdrawal the settled and the paid fee, or, for other_amount, what
/// should have and what has arrived.
struct Difference {
  DifferenceKind kind{};
  std::string_view id;
  Bytes32 payment_hash{};
  std::string_view status;
  std::string_view node;
  Msat here;
  Msat there;
};

inline constexpr auto difference_object = object_of<Difference>(
    member("kind", "How the workspace and the node differ.", [](const auto& v) { return v.kind; }),
    member("id", "The charge or withdrawal.", [](const auto& v) { return v.id; }),
    member("payment_hash", "Its payment hash.", [](const auto& v) { return v.payment_hash; }),
    member("status", "Its status here.", [](const auto& v) { return v.status; }),
    member("node", "Its state at the node; \"not_found\" if the node has none.", [](const auto& v) { return v.node; }),
    member({.name = "here_msat", .description = "The amount or fee here.", .min = 0}, [](const auto& v) { return v.here; }),
    member({.name = "node_msat", .description = "The amount or fee at the node.", .min = 0},
           [](const auto& v) { return v.there; }));

inline constexpr auto unmatched_object = object_of<UnmatchedSettlement>(
    member("number", "1 is the first that was counted.", [](const auto& v) { return v.number; }),
    member("payment_hash", "Of the invoice.", [](const auto& v) { return v.payment_hash; }),
    member({.name = "amount_msat", .description = "The amount received.", .min = 0}, [](const auto& v) { return v.paid; }),
    member("settled_at", "When it was settled.", [](const auto& v) { return v.settled_at; }));

struct Suspense {
  std::string_view workspace;
  std::int64_t msat = 0;
};

inline constexpr auto suspense_object =
    object_of<Suspense>(member("workspace", "ws_…", [](const auto& v) { return v.workspace; }),
                        member("suspense_msat", "Its amount in suspense; may be negative.", [](const auto& v) { return v.msat; }));

}  // namespace lntpay
