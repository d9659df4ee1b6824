// Words: the random texts, bytes and numbers that modules are shown, the same for the same seed.
// Tame ones are what clients and logs hold; wild ones also what nobody sends on purpose. Owned by a
// Load.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "cpp/fake/values.hpp"

namespace gantry::sdk::check {

class Words {
 public:
  Words(uint64_t seed, bool wild) : random_(seed), wild_(wild) {}

  void reseed(uint64_t seed) { random_.seed(seed); }
  uint64_t below(uint64_t end) { return random_() % end; }  // end: above 0
  bool one_in(uint64_t n) { return below(n) == 0; }
  int64_t number();
  std::string bytes(size_t size);
  std::string name();     // of a topic, group or client
  std::string value();    // of a header field
  fake::Fields fields();  // of a request's header: most of what RocketMQ's have
  std::string body();
  std::string expression();
  std::string properties();  // as stored, mostly

 private:
  std::string value_of(char kind);

  std::mt19937_64 random_;
  const bool wild_;
};

}  // namespace gantry::sdk::check
