// Origin: what the sessions of one door, or of one outgoing peer, have in common: whom they serve,
// their limits, and who hears that they ended. Outlives its sessions. Constant but for what the
// derived class adds.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/strong.hpp"
#include "net/frame_sink.hpp"

namespace gantry::net {

struct SessionLimits {
  uint64_t frame_bytes_max = 0;        // length word included
  uint64_t idle_ms = 0;                // neither read nor written
  uint64_t write_queue_bytes_max = 0;  // above it a session isn't read from
};

inline constexpr uint32_t no_door = 0xffffffff;  // Session::door() of an outgoing one

class Origin {
 public:
  // `sink` outlives it.
  Origin(uint32_t number, bool outgoing, FrameSink& sink, const SessionLimits& limits)
      : sink_(sink), limits_(limits), number_(number), outgoing_(outgoing) {}
  virtual ~Origin() = default;
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;

  uint32_t number() const { return number_; }
  bool outgoing() const { return outgoing_; }
  FrameSink& sink() const { return sink_; }
  const SessionLimits& limits() const { return limits_; }

  // On the session's shard, before the sink hears of it. `reason` is borrowed.
  virtual void ended(SessionId session, std::string_view reason) = 0;

 private:
  FrameSink& sink_;
  const SessionLimits limits_;
  const uint32_t number_;
  const bool outgoing_;
};

}  // namespace gantry::net
