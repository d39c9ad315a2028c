// Keeps volatile rows (keys that begin with '~') in memory and all other rows in a durable store.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "host-adapters/stores/host_store.hpp"
#include "host-adapters/stores/memory/memory_table.hpp"

namespace lntpay::host {

/// Above either limit the least recently written rows are dropped.
struct VolatileLimits {
  std::size_t rows_max = 200'000;
  std::size_t bytes_max = std::size_t{32} << 20;  ///< keys and values
};

/// A commit is all volatile or all durable; a mixed one returns Failed, as in every store. A batch that writes only volatile rows
/// costs the durable store only its begin and end.
///
/// When a batch is lost, the volatile rows that it wrote are dropped, not restored: they may derive from durable rows that were not
/// written.
class VolatileStore final : public Store {
 public:
  explicit VolatileStore(std::unique_ptr<Store> durable, VolatileLimits limits = {});

  void begin_batch() override;
  Reply get(const Get& asked) override;
  /// A scan of the prefix "" returns both kinds, merged.
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
  std::uint64_t version_before_ = 0;  // the last version before the open batch
  bool open_ = false;
};

}  // namespace lntpay::host
