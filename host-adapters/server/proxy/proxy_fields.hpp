// Header fields that a proxy forwards, and in which form. Names are lower case.
//
// Which lines carry a credential is decided by the gate; the proxy removes what the passage names (wit/edge.wit).
#pragma once
#include <boost/beast/http/fields.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/storage/effect.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay::host {

/// The fields to forward: all except those that belong to one connection (RFC 9110, section 7.6.1), those that
/// Connection names, and those that frame the message.
std::vector<Header> end_to_end(const boost::beast::http::fields& fields);

void remove_field(std::vector<Header>& headers, std::string_view name);
/// Removes the fields that a client may not set (`lntpay-…`, `payment-receipt`), in every spelling that some server reads as one of
/// them.
void remove_ours(std::vector<Header>& headers);
/// Of a request that passed: removes the lines of its credential, in every such spelling, and adds the gate's.
void apply_passage(const Passage& passage, std::vector<Header>& request);
/// For a request that passes without the gate's decision: the passage, with the removal of every line that gates read as a
/// credential.
Passage without_credential(Passage passage, const Request& request);
/// Sets each line in place of those of its name; a `set-cookie` is added to those of others.
void set_lines(std::vector<Header>& headers, const std::vector<Header>& lines);
/// Adds the gate's CORS lines to a response, unless the service decided about CORS by a line of its own.
void add_cors(std::vector<Header>& response, const std::vector<Header>& cors);
/// Joins the lines of one name; the last item is from the nearest peer.
void join_lines(std::vector<Header>& headers, std::string_view name);
/// The value of the first line of that name; empty without one.
std::string value_of(const std::vector<Header>& headers, std::string_view name);

/// As sent: one line for each.
std::string lines_of(const std::vector<Header>& headers);

}  // namespace lntpay::host
