// Event: something coroutines of one thread wait for. Private to client; owned by who signals it.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <list>
#include <memory>

namespace gantry::client {

class Event {
 public:
  explicit Event(boost::asio::io_context& io) : io_(io) {}

  // Everybody who waits now goes on.
  void signal() {
    for (boost::asio::steady_timer* timer : waiting_) timer->cancel();
  }

  // Until the next signal, or as long as `time`.
  boost::asio::awaitable<void> wait(
      std::chrono::milliseconds time = std::chrono::hours(24 * 365)) {
    boost::asio::steady_timer timer(io_, time);
    const auto place = waiting_.insert(waiting_.end(), &timer);
    const std::unique_ptr<Event, Leave> leave(this, Leave{place});
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }

 private:
  using Place = std::list<boost::asio::steady_timer*>::iterator;
  struct Leave {
    Place place;
    void operator()(Event* event) const { event->waiting_.erase(place); }
  };

  boost::asio::io_context& io_;
  std::list<boost::asio::steady_timer*> waiting_;
};

}  // namespace gantry::client
