// What the two proxies do with sockets: take connections, and write what they hand on.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace lntpay::host {

/// Gives each connection to `admit` until the acceptor is closed. Both must outlive it.
boost::asio::awaitable<void> accept_connections(boost::asio::io_context& io, boost::asio::ip::tcp::acceptor& acceptor,
                                                std::function<void(boost::asio::ip::tcp::socket)> admit);

/// Whether all of it could be written in that time.
boost::asio::awaitable<bool> write_all(boost::beast::tcp_stream& to, std::string bytes, std::chrono::seconds time_max);

/// A piece of a body as `transfer-encoding: chunked` has it (RFC 9112, section 7.1); not the last one, which is "0\r\n\r\n".
std::string chunk_of(std::string_view bytes);

}  // namespace lntpay::host
