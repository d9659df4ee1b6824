// Modules: the filters of the plugin folder beside this program, in a fake host; and the allocations of
// this program, which include theirs. Used by one thread.
#pragma once

#include <gantry/cap/filter.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/fake/host.hpp"
#include "cpp/fake/library.hpp"

namespace gantry::bench {

uint64_t allocations_so_far();

// The compiler must take these bytes for used.
inline void keep(const std::vector<uint8_t>& bytes) {
  asm volatile("" : : "r"(bytes.data()) : "memory");
}

// One compiled expression, asked as shard 0.
class Judge {
 public:
  Judge(const gantry_filter& table, gantry_program* program);
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;
  ~Judge() { table_.release(program_); }

  void match_index(std::span<const gantry_index_entry> entries, uint8_t* verdicts) const;
  void match(const gantry_batch& batch, uint8_t* verdicts) const;

 private:
  const gantry_filter& table_;
  gantry_program* const program_;
  gantry_error error_{};
  gantry_call call_{};
};

class Modules {
 public:
  Modules();
  // Throws std::runtime_error with what is wrong. Good as long as the modules.
  const Judge& compile(std::string_view type, std::string_view expression);

 private:
  sdk::fake::Instance& load(const std::string& name);

  std::vector<std::unique_ptr<sdk::fake::Library>> libraries_;
  sdk::fake::Host host_;
  std::vector<sdk::fake::Instance*> instances_;
  std::vector<std::unique_ptr<Judge>> judges_;  // released before the host stops
};

}  // namespace gantry::bench
