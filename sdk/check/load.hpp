// Load: calls every capability a module offers, as a node with clients would: requests for each of
// its routes, records, puts, expressions. What is asked depends on the seed only. Borrows its Rig;
// used on its thread while the rig's host runs.
#pragma once

#include <gantry/cap/function.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "check/rig.hpp"
#include "check/words.hpp"

namespace gantry::sdk::check {

// One thing asked of the module.
struct Stimulus {
  std::string what;        // "a request of code 310"
  bool may_block = false;  // the call is a rare one, or of a worker
  std::function<void()> run;
};

class Load {
 public:
  // wild: also what no client sends on purpose.
  Load(Rig& rig, uint64_t seed, bool wild);

  void run_all();
  size_t size() const { return stimuli_.size(); }
  const Stimulus& operator[](size_t i) const { return stimuli_[i]; }
  void run(size_t i);  // the same each time
  // Requests that the module has left to the host's stop to answer.
  size_t unanswered() const;

 private:
  void add(std::string what, std::function<void()> run, bool may_block = false);
  void add_requests();
  void add_records();
  void add_filters();
  void add_functions();
  void add_puts();
  void add_codes();
  void add_stores();
  void send(const gantry_route& route);
  void append_record(const std::string& topic);
  void call_function(const gantry_function& table);

  Rig& rig_;
  const uint64_t seed_;
  Words words_;
  std::vector<Stimulus> stimuli_;
  std::vector<std::shared_ptr<const fake::Exchange>> sent_;
};

}  // namespace gantry::sdk::check
