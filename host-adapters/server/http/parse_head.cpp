// Beast parses; the rules of framing are in http_head.cpp.
#include "host-adapters/server/http/parse_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include "host-adapters/server/http/asio.hpp"

namespace lntpay::host {
namespace {

namespace http = boost::beast::http;

}  // namespace

std::optional<Refusal> parse_head(Connection& connection, std::size_t head_size, http::basic_parser<true>& parser,
                                  const http::request_header<>& message, ContentCoding coding) {
  boost::system::error_code error;
  parser.header_limit(static_cast<std::uint32_t>(head_size + 1));  // the scanner has enforced the limits
  parser.put(boost::asio::buffer(connection.received().data().data(), head_size), error);
  connection.received().consume(head_size);
  const bool body_too_large = error == http::error::body_limit;
  if (error && error != http::error::need_more && !body_too_large) return Refusal::malformed;
  if (!body_too_large && !parser.is_header_done()) return Refusal::malformed;

  Framing framing;
  for (const auto& field : message) {
    const auto value = text_of(field.value());
    switch (field.name()) {
      case http::field::content_length: framing.content_length(value); break;
      case http::field::transfer_encoding: framing.transfer_encoding(value); break;
      case http::field::content_encoding:
        if (coding == ContentCoding::refused) framing.content_encoding(value);
        break;
      case http::field::host: framing.host(); break;
      default: break;
    }
  }
  if (const auto refused = framing.refusal(message.version() == http_1_1)) return refused;
  return body_too_large ? std::optional(Refusal::body_too_large) : std::nullopt;
}

}  // namespace lntpay::host
