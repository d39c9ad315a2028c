// The audit trail: decisions that people made by hand, with their evidence. A note is written in the commit of the decision and
// never changed.
#pragma once
#include <string>

#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// `…/audit/{ms}/{subject}`
struct AuditNote {
  static constexpr int row_version = 1;
  UnixMillis at;
  std::string actor;    ///< "operator", or an API key's id
  std::string action;   ///< "withdrawal.resolve"
  std::string subject;  ///< the id of the object
  std::string detail;   ///< the decision and its evidence

  auto fields(this auto& self) { return std::tie(self.at, self.actor, self.action, self.subject, self.detail); }
};

void add_audit_note(WriteBatch& batch, const TenantScope& tenant, const AuditNote& note);
std::string audit_note_json(const AuditNote& note);
Task<Result<Listed<AuditNote>>> list_audit_notes(Context& cx, TenantScope tenant, Page page);

}  // namespace lntpay
