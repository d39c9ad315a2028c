// Keeps volatile rows (keys that begin with '~') in memory and everything else in the store behind it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "host-adapters/stores/host_store.hpp"
#include "host-adapters/stores/memory/memory_table.hpp"

namespace lntpay::host {

/// Beyond either limit the rows that were written longest ago are dropped.
struct VolatileLimits {
  std::size_t rows_max = 200'000;
  std::size_t bytes_max = std::size_t{32} << 20;  ///< keys and values
};

/// A commit is all volatile or all durable; one that is mixed is Failed, as in every store. A batch that writes only volatile
/// rows costs the store behind nothing but its begin and end.
///
/// When a batch is lost, the volatile rows that it wrote are dropped, not restored: one of them may have been derived from a
/// durable row that never came to be.
class VolatileStore final : public Store {
 public:
  explicit VolatileStore(std::unique_ptr<Store> durable, VolatileLimits limits = {});

  void begin_batch() override;
  Reply get(const Get& asked) override;
  /// A scan of the prefix "" sees both kinds, merged.
  Reply scan(const Range& asked) override;
  Reply commit(const Commit& asked) override;
  BatchEnd end_batch() override;

  [[nodiscard]] std::size_t rows() const { return table_.rows().size(); }

 private:
  void write(const Op& op);
  void drop(std::map<std::uint64_t, std::string>::iterator row);

  std::unique_ptr<Store> durable_;
  VolatileLimits limits_;
  Table table_;
  std::map<std::uint64_t, std::string> written_;  // version -> key: oldest write first
  std::size_t bytes_ = 0;
  std::uint64_t version_before_ = 0;  // the last one given before the open batch
  bool open_ = false;
};

}  // namespace lntpay::host
