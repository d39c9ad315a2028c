// Header fields that a proxy forwards, and in which form. Names are lower case.
#pragma once
#include <boost/beast/http/fields.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// The fields to forward: all except those that belong to one connection (RFC 9110, section 7.6.1), those that
/// Connection names, and those that frame the message.
std::vector<Header> end_to_end(const boost::beast::http::fields& fields);

void remove_field(std::vector<Header>& headers, std::string_view name);
/// Removes the fields that only the proxy sets (`lntpay-…`), in every spelling that some server reads as one of them.
void remove_ours(std::vector<Header>& headers);
/// Joins the lines of one name; the last item is from the nearest peer.
void join_lines(std::vector<Header>& headers, std::string_view name);
/// The value of the first line of that name; empty without one.
std::string value_of(const std::vector<Header>& headers, std::string_view name);

/// The Authorization is a gate's credential, which the service must not get.
bool is_for_gates(std::string_view authorization);

/// As sent: one line for each.
std::string lines_of(const std::vector<Header>& headers);

}  // namespace lntpay::host
