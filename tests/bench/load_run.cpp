#include "load_run.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "clock.hpp"

namespace gantry::bench {
namespace {

constexpr size_t read_bytes = 256 * 1024;
constexpr size_t events_max = 64;
constexpr uint64_t drain_ns_max = 10 * ns_per_s;

uint64_t ns_of(double seconds) {
  return static_cast<uint64_t>(seconds * 1e9);
}

std::vector<RequestShape> make_shapes(const LoadOptions& options) {
  std::vector<RequestShape> shapes;
  for (uint32_t i = 0; i < options.queues; ++i) {
    RequestOptions request = options.request;
    request.queue_id = static_cast<int32_t>(i);
    shapes.emplace_back(request);
  }
  return shapes;
}

// What `end` has more than `begin`; a thread that is new counts from zero.
ThreadTimes difference(const ThreadTimes& begin, ThreadTimes end) {
  for (auto& [name, ns] : end) {
    const auto before = begin.find(name);
    if (before != begin.end()) ns -= std::min(ns, before->second);
  }
  return end;
}

}  // namespace

LoadRun::LoadRun(const LoadOptions& options)
    : options_(options), shapes_(make_shapes(options)), buffer_(read_bytes) {}

LoadRun::~LoadRun() {
  if (epoll_ >= 0) ::close(epoll_);
}

Outcome<LoadResult> LoadRun::run() {
  if (auto connected = connect(); !connected) return connected.error();
  begin_ns_ = now_ns();
  phase_ends_ns_ = begin_ns_ + ns_of(options_.warmup_s);
  if (!open_loop()) {
    for (uint32_t i = 0; i < connections_.size(); ++i) {
      if (auto filled = fill(i, begin_ns_); !filled) return filled.error();
    }
  }
  while (phase_ != Phase::done) {
    if (auto turned = turn(); !turned) return turned.error();
  }
  return std::move(result_);
}

Outcome<void> LoadRun::connect() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return fail(fmt::format("epoll: {}", std::strerror(errno)));
  for (uint32_t i = 0; i < options_.connections; ++i) {
    auto socket = dial(options_.server);
    if (!socket) return fail(fmt::format("connection {}: {}", i + 1, socket.error().text));
    // Numbers of connections lie far apart, so that keys differ.
    connections_.emplace_back(std::move(*socket), shapes_[i % shapes_.size()], options_.depth,
                              i << 22);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = i;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back().descriptor(), &event) != 0) {
      return fail(fmt::format("epoll: {}", std::strerror(errno)));
    }
  }
  waits_writable_.resize(connections_.size());
  started_.resize(connections_.size());
  return boost::system::in_place_value;
}

Outcome<void> LoadRun::turn() {
  uint64_t now = now_ns();
  if (auto advanced = advance(now); !advanced) return advanced;
  if (open_loop()) {
    if (auto started = start_due(now); !started) return started;
  }
  std::array<epoll_event, events_max> events;
  const timespec wait = timespec_of(wait_ns(now));
  const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &wait, nullptr);
  if (count < 0 && errno != EINTR) return fail(fmt::format("epoll: {}", std::strerror(errno)));
  for (int i = 0; i < count; ++i) {
    const uint32_t index = events[i].data.u32;
    if ((events[i].events & EPOLLOUT) != 0) {
      if (auto written = write(index); !written) return written;
    }
    if ((events[i].events & ~EPOLLOUT) != 0) {
      if (auto read = on_readable(index); !read) return read;
    }
  }
  return boost::system::in_place_value;
}

Outcome<void> LoadRun::advance(uint64_t now) {
  const bool enough = options_.messages_max > 0 && result_.answered >= options_.messages_max;
  if (phase_ == Phase::warming && now >= phase_ends_ns_) return begin_window(now);
  if (phase_ == Phase::measuring && (now >= phase_ends_ns_ || enough)) return end_window(now);
  if (phase_ != Phase::draining) return boost::system::in_place_value;
  uint64_t late = 0;
  if (open_loop()) {
    for (uint32_t i = 0; i < connections_.size(); ++i) late += due_of(i) - started_[i];
  }
  if (in_flight_ + late == 0) {
    phase_ = Phase::done;
  } else if (now >= phase_ends_ns_) {
    return fail(fmt::format("{} requests were not answered {} s after the last was sent",
                            in_flight_ + late, drain_ns_max / ns_per_s));
  }
  return boost::system::in_place_value;
}

Outcome<void> LoadRun::begin_window(uint64_t now) {
  phase_ = Phase::measuring;
  phase_ends_ns_ = now + ns_of(options_.seconds);
  window_begin_ns_ = now;
  load_cpu_ns_ = thread_cpu_ns();
  if (options_.server_process == 0) return boost::system::in_place_value;
  auto times = thread_times(options_.server_process);
  if (!times) return times.error();
  result_.server = std::move(*times);
  return boost::system::in_place_value;
}

Outcome<void> LoadRun::end_window(uint64_t now) {
  phase_ = Phase::draining;
  phase_ends_ns_ = now + drain_ns_max;
  window_end_ns_ = now;
  result_.seconds = static_cast<double>(now - window_begin_ns_) / 1e9;
  result_.load_cpu = static_cast<double>(thread_cpu_ns() - load_cpu_ns_) / 1e9 / result_.seconds;
  if (options_.server_process == 0) return boost::system::in_place_value;
  auto times = thread_times(options_.server_process);
  if (!times) return times.error();
  result_.server = difference(result_.server, std::move(*times));
  return boost::system::in_place_value;
}

Outcome<void> LoadRun::on_readable(uint32_t index) {
  LoadConnection& connection = connections_[index];
  if (auto read = connection.read(buffer_, answers_, answered_); !read) return read;
  const uint64_t now = now_ns();
  in_flight_ -= answered_.size();
  for (const LoadConnection::Answered& answered : answered_) {
    if (answered.code == busy_code && !options_.busy_allowed) {
      return fail("the server was busy (code 2)");
    }
    note(answered, now);
  }
  return fill(index, now);
}

void LoadRun::note(const LoadConnection::Answered& answered, uint64_t now) {
  if (phase_ == Phase::measuring) ++(answered.code == busy_code ? result_.busy : result_.answered);
  const bool counts = answered.due_ns >= window_begin_ns_ && answered.due_ns < window_end_ns_;
  if (phase_ != Phase::warming && counts && answered.code != busy_code) {
    result_.latencies.add(now - answered.due_ns);
  }
}

Outcome<void> LoadRun::start_due(uint64_t now) {
  const uint64_t until = std::min(now, window_end_ns_ - 1);
  while (due_ns(due_count_) <= until) {
    const auto index = static_cast<uint32_t>(due_count_++ % connections_.size());
    if (auto filled = fill(index, now); !filled) return filled;
  }
  return boost::system::in_place_value;
}

// Starts what the connection has to start, as far as it has slots.
Outcome<void> LoadRun::fill(uint32_t index, uint64_t now) {
  LoadConnection& connection = connections_[index];
  const std::string_view born = born_ms();
  if (open_loop()) {
    for (; started_[index] < due_of(index) && connection.has_free_slot(); ++started_[index]) {
      connection.start(due_ns(started_[index] * connections_.size() + index), born);
      ++in_flight_;
    }
  } else if (phase_ != Phase::draining) {
    for (; connection.has_free_slot(); ++in_flight_) connection.start(now, born);
  }
  return write(index);
}

Outcome<void> LoadRun::write(uint32_t index) {
  LoadConnection& connection = connections_[index];
  if (auto written = connection.write(); !written) return written;
  if (connection.blocked() == waits_writable_[index]) return boost::system::in_place_value;
  waits_writable_[index] = connection.blocked();
  epoll_event event{};
  event.events = EPOLLIN | (connection.blocked() ? EPOLLOUT : 0u);
  event.data.u32 = index;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.descriptor(), &event);
  return boost::system::in_place_value;
}

uint64_t LoadRun::due_ns(uint64_t request) const {
  return begin_ns_ + static_cast<uint64_t>(static_cast<double>(request) * 1e9 / options_.rate);
}

// How many requests of the connection were due so far.
uint64_t LoadRun::due_of(uint32_t index) const {
  const uint64_t count = connections_.size();
  return due_count_ > index ? (due_count_ - index + count - 1) / count : 0;
}

uint64_t LoadRun::wait_ns(uint64_t now) const {
  uint64_t until = phase_ends_ns_;
  if (open_loop()) {
    const uint64_t next = due_ns(due_count_);
    if (next < window_end_ns_) until = std::min(until, next);
  }
  if (phase_ == Phase::done) return 0;
  return until > now ? until - now : 0;
}

std::string_view LoadRun::born_ms() {
  const uint64_t now = read_clock(CLOCK_REALTIME_COARSE) / 1'000'000;
  if (now != born_at_ms_) born_text_ = std::to_string(born_at_ms_ = now);
  return born_text_;
}

}  // namespace gantry::bench
