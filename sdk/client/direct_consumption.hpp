// A message an operator wants consumed now (309): one call of the listener, told as Java tells it.
// Private to client; the parts that push deliveries share.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <span>
#include <utility>

#include "client/message.hpp"
#include "client/request.hpp"
#include "protocol/body_running.hpp"

namespace gantry::client {

using DirectResult = std::function<void(protocol::ConsumeDirectlyResult)>;

// Runs `is_done`, which calls the listener, on the pool; then `told` on `io`.
template <class IsDone>
void consume_on(boost::asio::thread_pool& pool, boost::asio::io_context& io, bool order,
                Received message, IsDone is_done, DirectResult told) {
  boost::asio::post(pool, [&io, order, message = std::move(message), is_done = std::move(is_done),
                           told = std::move(told)]() mutable {
    protocol::ConsumeDirectlyResult result;
    result.order = order;
    const auto began = std::chrono::steady_clock::now();
    try {
      const bool done = is_done(std::span<const Received>(&message, 1));
      result.result = done ? protocol::ConsumeDirectly::success : protocol::ConsumeDirectly::later;
    } catch (const std::exception& thrown) {
      result.result = protocol::ConsumeDirectly::threw;
      result.remark = thrown.what();
    } catch (...) {
      result.result = protocol::ConsumeDirectly::threw;
      result.remark = "what it threw is no std::exception";
    }
    result.spent_ms =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began).count();
    boost::asio::post(io, [told = std::move(told), result = std::move(result)] { told(result); });
  });
}

}  // namespace gantry::client
