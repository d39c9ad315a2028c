// Header fields on their way through the built-in proxy: which go on to the other side, and in which form. Names are lower case.
#pragma once
#include <boost/beast/http/fields.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// What goes on to the other side: all but the fields that belong to one connection (RFC 9110, section 7.6.1), those that
/// Connection names, and those that frame the message.
std::vector<Header> end_to_end(const boost::beast::http::fields& fields);

void remove_field(std::vector<Header>& headers, std::string_view name);
/// What only we say to a service (`lntpay-…`), in every spelling that some servers take for it.
void remove_ours(std::vector<Header>& headers);
/// The lines of one name as one: what stands last was said by whoever is nearest.
void join_lines(std::vector<Header>& headers, std::string_view name);
/// The first line of that name; empty where there is none.
std::string value_of(const std::vector<Header>& headers, std::string_view name);

/// Whether an Authorization is for a gate, and nobody else's.
bool is_for_gates(std::string_view authorization);

/// As they are sent, a line each.
std::string lines_of(const std::vector<Header>& headers);

}  // namespace lntpay::host
