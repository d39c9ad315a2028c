// The audit trail: what keys and operators did to keys, workspaces, gates, endpoints and the sandbox, and what operators decided,
// with their evidence. A note is written in the commit of the act and never changed. A reset of the sandbox keeps it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// `{tenant}/audit/{ms}/{subject}/{request id}`
struct AuditNote {
  static constexpr int row_version = 2;
  UnixMillis at;        ///< on the host's clock
  std::string actor;    ///< "operator", or an API key's id
  std::string action;   ///< "withdrawal.resolve"
  std::string subject;  ///< the id of the object
  std::string detail;   ///< the decision and its evidence
  std::string request_id;
  std::string address;  ///< the client's

  auto fields(this auto& self) {
    return std::tie(self.at, self.actor, self.action, self.subject, self.detail, self.request_id, self.address);
  }
};

/// What a caller does; `Context::caller` is who.
struct Act {
  std::string action;
  std::string subject;
  std::string detail{};
};

void add_audit_note(const Context& cx, WriteBatch& batch, const TenantScope& tenant, Act act);

/// For an act whose effect is in another shard or in several commits: a commit of its own, beside them. A request that is
/// retried after a crash may be noted twice.
Task<Result<>> record_act(Context& cx, TenantScope tenant, Act act);

std::string audit_note_json(const AuditNote& note);

/// The part of an action before its dot: "withdrawal".
std::string_view kind_of_act(std::string_view action);

struct AuditFilter {
  std::string action;                                    ///< empty: any; "gate.": all that begin with it
  std::optional<std::vector<std::string_view>> kinds{};  ///< of acts; nullopt: all
  std::optional<UnixMillis> created_gte;
  std::optional<UnixMillis> created_lt;
};
/// Reads at most 1,000 notes, so a page may have fewer notes than its limit and still have more.
Task<Result<Listed<AuditNote>>> list_audit_notes(Context& cx, TenantScope tenant, AuditFilter filter, Page page);

}  // namespace lntpay
