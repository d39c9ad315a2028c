// The text of a peer's address, as logs, caps and rate limits use it.
#pragma once
#include <boost/asio/ip/address.hpp>
#include <string>

namespace lntpay::host {

/// Without the port; an IPv4 address mapped into IPv6 as IPv4.
inline std::string address_text(const boost::asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

}  // namespace lntpay::host
