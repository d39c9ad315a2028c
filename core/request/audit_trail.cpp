// Audit notes as rows and as JSON.
#include "core/request/audit_trail.hpp"

#include "core/request/audit_object.hpp"

namespace lntpay {

void add_audit_note(WriteBatch& batch, const TenantScope& tenant, const AuditNote& note) {
  batch.create_final(tenant.key("audit", padded(note.at.value)) + "/" + note.subject, to_row(note));
}

std::string audit_note_json(const AuditNote& note) { return audit_note_object.text(note); }

Task<Result<Listed<AuditNote>>> list_audit_notes(Context& cx, TenantScope tenant, Page page) {
  return list_rows<AuditNote>(cx, tenant.key("audit") + "/", std::move(page));
}

}  // namespace lntpay
