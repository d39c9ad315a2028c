// Performs effects on a host's store, for tests that run sessions without a host.
#pragma once
#include <optional>
#include <variant>

#include "host-adapters/stores/host_store.hpp"

namespace lntpay::test {

/// The store's reply, inside a batch; nullopt for an effect that is not one of the store.
inline std::optional<Reply> store_reply(host::Store& store, const Effect& effect) {
  if (const auto* get = std::get_if<Get>(&effect)) return store.get(*get);
  if (const auto* range = std::get_if<Range>(&effect)) return store.scan(*range);
  if (const auto* commit = std::get_if<Commit>(&effect)) return store.commit(*commit);
  return std::nullopt;
}

}  // namespace lntpay::test
