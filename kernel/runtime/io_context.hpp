// Loop: the Asio context of a shard. The only header of this folder that shows Asio; net includes
// it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/shard.hpp"

namespace gantry::runtime {

class Loop {
 public:
  boost::asio::io_context io{1};  // one thread runs it

 private:
  friend class Shard;
  using Executor = boost::asio::io_context::executor_type;
  using WaitableTimer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  boost::asio::executor_work_guard<Executor> work{io.get_executor()};
  WaitableTimer alarm{io};
  std::chrono::steady_clock::time_point alarm_at = std::chrono::steady_clock::time_point::max();
};

inline boost::asio::io_context& io_context_of(Shard& shard) { return shard.loop().io; }

}  // namespace gantry::runtime
