#include "net/ready_set.hpp"

#include <sys/epoll.h>

#include <array>
#include <boost/system/system_error.hpp>
#include <cerrno>

namespace gantry::net {
namespace {

// What one look takes out is handled to its end, however full the turn is: those that come first in
// the set would come first again.
constexpr int members_per_look = 8;
constexpr int looks_per_turn_max = 8;

ErrorCode last_error() { return {errno, boost::system::system_category()}; }

int make_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw boost::system::system_error(last_error(), "epoll_create1");
  return set;
}

epoll_event event_of(ReadySet::Member& member, bool reads, bool writes) {
  epoll_event event{};
  event.events = (reads ? uint32_t{EPOLLIN} : 0u) | (writes ? uint32_t{EPOLLOUT} : 0u);
  event.data.ptr = &member;
  return event;
}

int control(int set, int operation, int descriptor, epoll_event event) {
  return ::epoll_ctl(set, operation, descriptor, &event);
}

}  // namespace

ReadySet::ReadySet(runtime::Shard& shard)
    : shard_(shard), set_(runtime::io_context_of(shard), make_set()) {
  wait();
}

ErrorCode ReadySet::add(int descriptor, Member& member, bool reads, bool writes) {
  const epoll_event event = event_of(member, reads, writes);
  if (control(set_.native_handle(), EPOLL_CTL_ADD, descriptor, event) == 0) return {};
  return last_error();
}

void ReadySet::change(int descriptor, Member& member, bool reads, bool writes) {
  control(set_.native_handle(), EPOLL_CTL_MOD, descriptor, event_of(member, reads, writes));
}

void ReadySet::wait() {
  set_.async_wait(decltype(set_)::wait_read, [this](const ErrorCode& error) {
    if (error) return;  // the set is gone
    look();
    wait();
  });
}

// Level-triggered: who is left for the next turn is found again, behind those that were handled.
void ReadySet::look() {
  constexpr uint32_t broken = EPOLLERR | EPOLLHUP;
  std::array<epoll_event, members_per_look> events;
  for (int looks = 0; looks < looks_per_turn_max; ++looks) {
    const int count = ::epoll_wait(set_.native_handle(), events.data(), members_per_look, 0);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      static_cast<Member*>(event.data.ptr)
          ->on_ready((event.events & (EPOLLIN | broken)) != 0,
                     (event.events & (EPOLLOUT | broken)) != 0);
    }
    if (count < members_per_look || shard_.turn_full()) return;
  }
  shard_.end_turn();
}

}  // namespace gantry::net
