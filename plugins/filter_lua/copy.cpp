#include "copy.hpp"

#include <new>

namespace gantry::filter_lua {
namespace {

constexpr const char* no_room = "memory_bytes_max is too little for an empty script";

}  // namespace

// FNV-1a.
uint64_t version_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  return hash;
}

std::shared_ptr<Copy> Copy::load(std::shared_ptr<const Source> source,
                                 const std::string& arguments, const lua::Limits& limits,
                                 uint32_t shard_count, std::string& fault) {
  const std::shared_ptr<Copy> copy(new Copy(std::move(source)));
  try {
    for (uint32_t i = 0; i <= shard_count; ++i) {
      auto state = std::make_unique<lua::State>(limits);
      if (state->load(copy->source_->text, copy->source_->name, arguments) !=
          lua::State::Outcome::ok) {
        fault = state->fault();
        return nullptr;
      }
      copy->states_.push_back(std::move(state));
    }
  } catch (const std::bad_alloc&) {
    fault = no_room;
    return nullptr;
  }
  return copy;
}

std::string Copy::fault_of(const Source& source, const lua::Limits& limits) {
  try {
    lua::State state(limits);
    if (state.load(source.text, source.name, std::nullopt) == lua::State::Outcome::ok) return {};
    return std::string(state.fault());
  } catch (const std::bad_alloc&) {
    return no_room;
  }
}

// A fault of close() has nobody left who could be told.
Copy::~Copy() {
  for (const auto& state : states_) state->close();
}

}  // namespace gantry::filter_lua
