// Opening the data folder's SQLite store: it is the one that the secrets and the mark belong to, in the format of this version.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "host-adapters/server/ops/log.hpp"
#include "host-adapters/server/ops/server_config.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"

namespace lntpay::host {

/// Opens or creates the store with its mark, checks the rows' format and the secrets' fingerprint, and records in secrets.json that
/// the store was made. Failures of the disk are logged (`store_failed`). `log` must outlive the store. The error is a message for
/// the operator: the store is missing, was set back, belongs to other secrets, or cannot be used.
std::expected<std::unique_ptr<SqliteStore>, std::string> open_sqlite(const ServeOptions& options, const HostSecrets& secrets,
                                                                     const Log& log);

struct Acceptance {
  StoreFound found;            ///< the store as it was found
  std::uint64_t restores = 0;  ///< recorded for the node of `live`, this one included
};

/// `lntpay store accept`: records the restore of the node of `live` in the store (docs/lnd.md, "After a restore"), with the
/// evidence in the operator's audit trail, and only then makes the mark that of this store, so that a crash in between leaves it
/// refused. The recorded restore is the reconciliation that an older store needs: payments that it knows as sent are looked up, and
/// only a proof ends them, because it may not know later sends and answers. `opens`: set_back or any; a store that it does not
/// allow is refused, unchanged. So is one whose mark belongs to another store. `evidence` has text.
std::expected<Acceptance, std::string> accept_store(const ServeOptions& options, const HostSecrets& secrets, Opens opens,
                                                    const std::string& evidence);

}  // namespace lntpay::host
