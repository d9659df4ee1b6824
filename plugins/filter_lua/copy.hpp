// Source: the text of a script. Copy: a source with its arguments, loaded into a state for each shard
// and one for workers. Made on a worker, so that no shard compiles; a state is used by its shard only.
// Ends where nobody uses it any more, on a worker: `close` of the script runs there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lua/state.hpp"

namespace gantry::filter_lua {

struct Source {
  std::string name;  // what faults call it: "vip.lua"
  std::string text;
  uint64_t version = 0;  // a hash of the text
};

uint64_t version_of(std::string_view text);

class Copy {
 public:
  // Null: it does not load, and fault says why.
  static std::shared_ptr<Copy> load(std::shared_ptr<const Source> source,
                                    const std::string& arguments, const lua::Limits& limits,
                                    uint32_t shard_count, std::string& fault);
  // Compiles a source and runs it, without `open`; empty, or what is wrong.
  static std::string fault_of(const Source& source, const lua::Limits& limits);

  ~Copy();
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  const Source& source() const { return *source_; }
  lua::State& at(uint32_t slot) { return *states_[slot]; }  // shard_count: of workers

 private:
  explicit Copy(std::shared_ptr<const Source> source) : source_(std::move(source)) {}

  const std::shared_ptr<const Source> source_;
  std::vector<std::unique_ptr<lua::State>> states_;
};

}  // namespace gantry::filter_lua
