// Shorthands for Asio and Beast.
#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string_type.hpp>
#include <string_view>

namespace lntpay::host {

/// An await that returns its error instead of throwing it: `const auto [error, size] = co_await stream.async_read_some(room,
/// as_result);`
inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

/// HTTP/1.1 as Beast counts versions.
inline constexpr unsigned http_1_1 = 11;

inline std::string_view text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace lntpay::host
