// Slots: the requests of one shard that are not answered yet, by token. Owned by Requests, used on
// its shard only. A token is shard (8 bits), slot (24) and generation (32): when a slot is freed its
// generation changes, so a late or double answer finds nothing and is counted.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <vector>

#include "base/buffer.hpp"
#include "base/strong.hpp"
#include "dispatch/kept_request.hpp"
#include "dispatch/request.hpp"
#include "net/session.hpp"
#include "wire/header.hpp"

namespace gantry::dispatch {

struct InProcessCall;  // who asked, when no session did

constexpr uint32_t shard_of(Token token) { return static_cast<uint32_t>(token.value >> 56); }

class ShardRequests;

struct Slot {
  enum class State : uint8_t { free, running, pending, parked, waiting };

  static constexpr uint32_t none = 0xffffffff;
  static constexpr int64_t no_cut = std::numeric_limits<int64_t>::max();

  ShardRequests* owner = nullptr;
  uint32_t number = 0;  // its place in the table
  uint32_t generation = 1;
  State state = State::free;
  bool one_way = false;
  wire::Serialize serialize = wire::Serialize::json;
  int32_t opaque = 0;
  uint32_t door = 0;
  RequestHandler* handler = nullptr;
  const Request* request = nullptr;  // while running
  net::Session* session = nullptr;   // null in process
  SessionId session_id;
  std::unique_ptr<KeptRequest> kept;
  std::unique_ptr<InProcessCall> caller;
  Token timer;     // of a parked request
  Token deadline;  // of an in-process one
  // Slots of one session that outlived their first call, to be dropped when it ends.
  bool linked = false;
  uint32_t next = none;
  uint32_t previous = none;
  // The lowest cut of the log since the request came: what it appended behind is gone.
  int64_t cut_at = no_cut;
  // What respond_after holds back.
  std::vector<uint8_t> head;  // keeps its capacity from request to request
  std::vector<Slice> body;
};

class Slots {
 public:
  Slots(uint32_t shard, ShardRequests& owner) : shard_(shard), owner_(owner) {}

  // A free slot in state running; none when 2^24 are taken.
  Slot* take(Token& token);
  // The slot, or null (and counted) if the token is stale.
  Slot* find(Token token);
  void free(Slot& slot);

  Token token_of(const Slot& slot) const;
  Slot& at(uint32_t index) { return slots_[index]; }

  uint64_t taken() const { return slots_.size() - free_.size(); }
  uint64_t stale() const { return stale_; }
  template <class F>
  void for_each_taken(F&& each) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].state != Slot::State::free) each(slots_[i]);
    }
  }

 private:
  static constexpr uint32_t slots_max = 1u << 24;

  const uint32_t shard_;
  ShardRequests& owner_;
  std::deque<Slot> slots_;  // addresses stay as it grows
  std::vector<uint32_t> free_;
  uint64_t stale_ = 0;
};

}  // namespace gantry::dispatch
