// ReadySet: which of a shard's sockets have something to read, or room to write. The system keeps the
// set (epoll), and the shard's loop waits for it as for one descriptor: a wait through Asio for each
// socket costs an operation and a system call each time. Owned by ShardSessions, used on its shard.
#pragma once

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "base/result.hpp"
#include "net/asio_types.hpp"

namespace gantry::net {

class ReadySet {
 public:
  class Member {
   public:
    // Called again and again, in turn with the other members, while it stays true. A socket that
    // broke, or whose other end has gone, is readable: reading tells. Not called from inside of
    // another call here.
    virtual void on_ready(bool readable, bool writable) = 0;

   protected:
    ~Member() = default;
  };

  // Throws boost::system::system_error when the process has no descriptor left.
  explicit ReadySet(runtime::Shard& shard);
  ReadySet(const ReadySet&) = delete;
  ReadySet& operator=(const ReadySet&) = delete;

  // Closing the descriptor takes it out; the member must live to the end of that turn.
  ErrorCode add(int descriptor, Member& member, bool reads, bool writes);
  void change(int descriptor, Member& member, bool reads, bool writes);

 private:
  void wait();
  void look();

  runtime::Shard& shard_;
  boost::asio::posix::basic_stream_descriptor<Executor> set_;
};

}  // namespace gantry::net
