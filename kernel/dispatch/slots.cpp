#include "dispatch/slots.hpp"

#include "dispatch/in_process_call.hpp"

namespace gantry::dispatch {

Slot* Slots::take(Token& token) {
  if (free_.empty()) {
    if (slots_.size() == slots_max) return nullptr;
    slots_.emplace_back();
    slots_.back().owner = &owner_;
    slots_.back().number = static_cast<uint32_t>(slots_.size() - 1);
    free_.push_back(slots_.back().number);
  }
  Slot& slot = slots_[free_.back()];
  free_.pop_back();
  slot.state = Slot::State::running;
  token = token_of(slot);
  return &slot;
}

Slot* Slots::find(Token token) {
  const auto number = static_cast<uint32_t>(token.value >> 32) & 0xffffff;
  if (number < slots_.size()) {
    Slot& slot = slots_[number];
    if (slot.state != Slot::State::free && token_of(slot) == token) return &slot;
  }
  ++stale_;
  return nullptr;
}

void Slots::free(Slot& slot) {
  slot.state = Slot::State::free;
  if (++slot.generation == 0) slot.generation = 1;
  slot.handler = nullptr;
  slot.request = nullptr;
  slot.session = nullptr;
  slot.kept.reset();
  slot.caller.reset();
  slot.timer = Token();
  slot.deadline = Token();
  slot.cut_at = Slot::no_cut;
  slot.head.clear();
  slot.body.clear();
  free_.push_back(slot.number);
}

Token Slots::token_of(const Slot& slot) const {
  return Token(uint64_t{shard_} << 56 | uint64_t{slot.number} << 32 | slot.generation);
}

}  // namespace gantry::dispatch
