// Parses the head that a connection has read, and checks how its body is framed.
#pragma once
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/message.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "host-adapters/server/http/connection.hpp"

namespace lntpay::host {

/// `refused`: a body with a content coding other than identity is Refusal::coding.
enum class ContentCoding : std::uint8_t { refused, passed };

/// Consumes the `head_size` bytes at the front of `connection.received()`. `message` is the parser's; it can be read unless
/// the head is malformed. Returns the reason to refuse the request, or nothing.
std::optional<Refusal> parse_head(Connection& connection, std::size_t head_size, boost::beast::http::basic_parser<true>& parser,
                                  const boost::beast::http::request_header<>& message, ContentCoding coding);

}  // namespace lntpay::host
