// UTF-8 in rows: only UTF-8 may reach the component.
#pragma once
#include <functional>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// A damaged row fails the read that names it (`unreadable_row`); a scan goes on with a value that no row has, or without the row
/// where the key is damaged: one bad byte stops no other work. `report` gets each damaged row as it was.
Reply with_utf8_rows(Reply reply, const std::function<void(const Entry&)>& report);

}  // namespace lntpay::host
