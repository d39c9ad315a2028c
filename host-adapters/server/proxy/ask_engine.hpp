// Submits an input to the engine and awaits its outcome on the thread that runs `io`.
#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "host-adapters/server/engine/sessions.hpp"

namespace lntpay::host {

using SubmitInput = std::function<void(Input, Answer)>;

inline boost::asio::awaitable<Outcome> ask_engine(boost::asio::io_context& io, const SubmitInput& submit, Input input) {
  const auto start = [&io, &submit](auto handler, Input asked) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    submit(std::move(asked), [&io, shared](Outcome outcome) {
      boost::asio::post(io, [shared, outcome = std::move(outcome)]() mutable { std::move (*shared)(std::move(outcome)); });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Outcome)>(
      start, boost::asio::use_awaitable, std::move(input));
}

}  // namespace lntpay::host
