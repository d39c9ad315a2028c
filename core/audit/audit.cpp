// Notes as rows and as JSON.
#include "core/audit/audit.hpp"

#include "core/base/json.hpp"
#include "core/base/time.hpp"

namespace lntpay {

void plan_note(Plan& plan, const Realm& realm, const AuditNote& note) {
  plan.create_for_good(realm.key("audit", padded(note.at.value)) + "/" + note.subject, to_row(note));
}

std::string note_json(const AuditNote& note) {
  return JsonObject{}
      .add("object", "audit_note")
      .add("created_at", rfc3339(note.at))
      .add("actor", note.actor)
      .add("action", note.action)
      .add("subject", note.subject)
      .add("detail", note.detail)
      .text();
}

Task<Result<Listed<AuditNote>>> list_notes(Context& cx, Realm realm, Page page) {
  return list_rows<AuditNote>(cx, realm.key("audit") + "/", std::move(page));
}

}  // namespace lntpay
