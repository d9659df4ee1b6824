// What filters cost, each asked through its module's table as a pull asks it: nanoseconds per entry of
// the queue index, or per message; and how often judging took memory. Contestants take turns, so a
// slow moment of the machine hits all of them. Prints one line of JSON: medians of the repetitions.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "filter_messages.hpp"
#include "filter_modules.hpp"

namespace {

using namespace gantry::bench;

constexpr int repetitions = 301;

struct Contestant {
  std::string name;            // "sql_message"
  std::function<void()> work;  // judges all messages once
  int rounds = 10;  // of it, in a repetition: short, so that most are undisturbed
  std::vector<double> found_ns = {};
  uint64_t allocations = 0;
};

void measure(Contestant& contestant) {
  using Clock = std::chrono::steady_clock;
  const uint64_t before = allocations_so_far();
  const auto begin = Clock::now();
  for (int round = 0; round < contestant.rounds; ++round) contestant.work();
  const std::chrono::duration<double, std::nano> took = Clock::now() - begin;
  contestant.allocations += allocations_so_far() - before;
  contestant.found_ns.push_back(took.count() / (contestant.rounds * static_cast<double>(message_count)));
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

std::vector<Contestant> contestants(Modules& modules, const FilterMessages& given,
                                    std::vector<uint8_t>& verdicts) {
  std::vector<Contestant> out;
  for (const int tags : {1, 4, 36}) {
    const Judge& judge = modules.compile("TAG", tags_expression(tags));
    out.push_back({fmt::format("tag_{}_entry", tags),
                   [&] { judge.match_index(given.entries, verdicts.data()); }});
    out.push_back({fmt::format("tag_{}_message", tags),
                   [&] { judge.match(given.batch(), verdicts.data()); }});
  }
  out.push_back({"hand_message", [&] {
                   for (size_t i = 0; i < message_count; ++i) {
                     verdicts[i] = matches_by_hand(given.texts[i]) ? 1 : 0;
                   }
                   keep(verdicts);
                 }});
  const Judge& sql = modules.compile("SQL92", typical_expression);
  out.push_back({"sql_message", [&] { sql.match(given.batch(), verdicts.data()); }});
  const Judge& lua = modules.compile("LUA", typical_script);
  out.push_back({"lua_message", [&] { lua.match(given.batch(), verdicts.data()); }, 2});
  return out;
}

// It must say what C++ does, or their times tell nothing. Asked until nothing of it grows any more.
double hit_share(const Judge& judge, const FilterMessages& given) {
  std::vector<uint8_t> verdicts(message_count);
  for (int i = 0; i < 100; ++i) judge.match(given.batch(), verdicts.data());
  size_t hits = 0;
  for (size_t i = 0; i < message_count; ++i) {
    const bool hit = verdicts[i] == GANTRY_VERDICT_DELIVER;
    if (hit != matches_by_hand(given.texts[i])) throw std::runtime_error("a filter and C++ differ");
    hits += hit;
  }
  return static_cast<double>(hits) / static_cast<double>(message_count);
}

int run() {
  Modules modules;
  const FilterMessages given;
  const uint64_t before = allocations_so_far();
  const double hits = hit_share(modules.compile("SQL92", typical_expression), given);
  hit_share(modules.compile("LUA", typical_script), given);
  if (allocations_so_far() == before) throw std::runtime_error("allocations are not counted");
  std::vector<uint8_t> verdicts(message_count);
  std::vector<Contestant> all = contestants(modules, given, verdicts);
  for (int i = 0; i < repetitions; ++i) {
    for (Contestant& contestant : all) measure(contestant);
  }
  fmt::print("{{\"hits\": {:.3f}", hits);
  for (const Contestant& contestant : all) {
    fmt::print(", \"{0}_ns\": {1:.3f}, \"{0}_allocations\": {2}", contestant.name,
               median(contestant.found_ns), contestant.allocations);
  }
  fmt::print("}}\n");
  return 0;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "filter_bench: {}\n", error.what());
    return 1;
  }
}
