// Who has a name: the row `{name's shard}/pay_name/{test|live}/{name}`, which is found without an API key.
//
// A link's row exists before its name is taken and its id is never used again, so a name whose link has no row is free.
#pragma once
#include <string>
#include <string_view>

#include "core/pay_link/pay_link.hpp"

namespace lntpay {

struct PayName {
  static constexpr int row_version = 1;
  TenantScope tenant;
  PayLinkId link;
  auto fields(this auto& self) {
    return std::tie(self.tenant.environment, self.tenant.workspace, self.tenant.generation, self.link);
  }
};

/// The shard of a name's row: of its hash.
Shard shard_of_name(std::string_view name);
std::string pay_name_key(Environment environment, std::string_view name);

/// Takes the name for a link whose row is written. False: another link has it.
Task<Result<bool>> take_name(Context& cx, TenantScope tenant, PayLinkId link, std::string name);

}  // namespace lntpay
