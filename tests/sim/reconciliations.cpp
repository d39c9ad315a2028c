// Reconciliation in a quiet world: the node agrees about every live challenge, and it received nothing that is for neither a charge
// nor a challenge.
#include "tests/sim/clients.hpp"

namespace lntpay::sim {

void Clients::check_reconciliation() {
  const std::string operator_of_node(operator_token);
  std::string resume;
  std::int64_t compared = 0;
  do {
    const auto path = "/v1/admin/reconciliation/challenges?limit=" + std::to_string(scene_.random.from(1, 20));
    const auto answer = ask_now(operator_of_node, path + (resume.empty() ? "" : "&resume=" + resume));
    require(answer && member(answer->body, "ok") == "true",
            "I8 the node disagrees about a challenge: ", answer ? answer->body : "no response");
    compared += number(member(answer->body, "challenges"));
    resume = member(answer->body, "resume");
  } while (!resume.empty());
  require(compared == oracle_.settled_live_challenges(), "I8 reconciliation compares ", std::to_string(compared), " challenges of ",
          std::to_string(oracle_.settled_live_challenges()));
  const auto unmatched = ask_now(operator_of_node, "/v1/admin/reconciliation/unmatched");
  require(unmatched && member(unmatched->body, "count") == "0",
          "I8 a payment to us counts as of nobody: ", unmatched ? unmatched->body : "no response");
}

}  // namespace lntpay::sim
