// LoadConnection: one connection of the load, with up to `depth` requests on their way. Each has a
// slot: its frame, its opaque, when it was due. Owned by its run, on its thread; ends with it. A
// failure says what the server did wrong, and ends the run.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "answer_reader.hpp"
#include "request.hpp"
#include "socket.hpp"

namespace gantry::bench {

inline constexpr int32_t busy_code =
    2;  // "try again later", the one other answer a server may give

class LoadConnection {
 public:
  LoadConnection(Socket socket, const RequestShape& shape, uint32_t depth, uint32_t first_number);

  int descriptor() const { return socket_.descriptor(); }
  bool has_free_slot() const { return in_flight_ < slots_.size(); }
  uint32_t in_flight() const { return in_flight_; }
  bool blocked() const { return to_write_begin_ != to_write_end_; }

  // Puts one more request into a free slot. Its time counts from due_ns.
  void start(uint64_t due_ns, std::string_view born_ms);
  // Writes what was started, as far as the socket takes it.
  Outcome<void> write();

  struct Answered {
    uint64_t due_ns;
    int32_t code;
  };
  // Reads once into `buffer` and checks every answer. `answered` holds what came.
  Outcome<void> read(std::span<uint8_t> buffer, AnswerReader& answers,
                     std::vector<Answered>& answered);

 private:
  struct Slot {
    int32_t opaque = 0;  // 0: free
    int32_t uses = 0;    // so that a second answer to an earlier use is noticed
    uint64_t due_ns = 0;
  };

  Outcome<void> take(const wire::Frame& frame, AnswerReader& answers,
                     std::vector<Answered>& answered);
  uint8_t* frame_of(uint32_t slot) { return frames_.data() + slot * frame_bytes_; }
  uint32_t ring_at(uint64_t place) const { return ring_[place % ring_.size()]; }

  Socket socket_;
  const RequestShape& shape_;
  const uint64_t frame_bytes_;
  std::vector<uint8_t> frames_;  // one behind the other, so that neighbours leave in one piece
  std::vector<Slot> slots_;
  uint32_t in_flight_ = 0;
  uint32_t number_;

  // Slots in the order of their use; places only grow. Those to be written come before the free.
  std::vector<uint32_t> ring_;
  uint64_t to_write_begin_ = 0;
  uint64_t to_write_end_ = 0;
  uint64_t free_end_ = 0;
  uint64_t written_of_first_ = 0;

  std::vector<uint8_t> partial_;  // an answer that hasn't come whole
};

}  // namespace gantry::bench
