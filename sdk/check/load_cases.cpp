// Cases of a module under load.
#include <algorithm>
#include <chrono>

#include "check/case.hpp"
#include "check/load.hpp"
#include "check/rig.hpp"

namespace gantry::sdk::check {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds slow_from(50);
constexpr int attempts = 5;  // the shortest counts: the machine has others to serve
constexpr int64_t minute_ms = 60'000;

Clock::duration shortest(Load& load, size_t i) {
  Clock::duration least = Clock::duration::max();
  for (int attempt = 0; attempt < attempts && least > slow_from; ++attempt) {
    const auto began = Clock::now();
    load.run(i);
    least = std::min(least, Clock::now() - began);
  }
  return least;
}

}  // namespace

void quiesces_under_load(Subject& subject) {
  Rig rig(subject);
  rig.start();
  Load load(rig, subject.seed, false);
  load.run_all();
  rig.host.quiesce(rig.instance());
  load.run_all();
  rig.host.resume(rig.instance());
  load.run_all();
  rig.host.advance_ms(10 * minute_ms);
  rig.stop();
  if (const size_t open = load.unanswered())
    subject.warnings.push_back(std::to_string(open) +
                               " requests were not answered before the module had stopped");
}

void stops_under_load(Subject& subject) {
  for (const bool drains : {true, false}) {
    Rig rig(subject, {.folder = drains ? "stopped" : "killed"});
    rig.start();
    Load(rig, subject.seed, false).run_all();
    rig.metadata.hold();  // now nothing becomes durable: what waits for it is on its way at the end
    rig.broker.hold();
    rig.log.hold_marks();
    Load(rig, subject.seed + 1, false).run_all();
    drains ? rig.stop() : rig.host.kill();
  }
}

void retains_nothing(Subject& subject) {
  Rig rig(subject);
  rig.start();
  Load(rig, subject.seed, false).run_all();
  std::string breaches;
  try {
    rig.stop();
  } catch (const std::logic_error& broken) {
    breaches = broken.what();
  }
  if (const size_t left = rig.host.live_buffers())
    throw Failed(std::to_string(left) + " buffers are still held after stop; " + breaches);
}

void returns_soon(Subject& subject) {
  Rig rig(subject);
  rig.start();
  Load load(rig, subject.seed, false);
  std::string last;
  for (size_t i = 0; i < load.size(); ++i) {
    if (load[i].may_block) continue;
    const auto took = shortest(load, i);
    if (took <= slow_from || load[i].what == last) continue;
    last = load[i].what;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    subject.warnings.push_back(last + " took " + std::to_string(ms) + " ms");
  }
  rig.stop();
}

void survives_random_views(Subject& subject) {
  constexpr int rounds = 3;
  Rig rig(subject);
  rig.start();
  for (int round = 0; round < rounds; ++round) Load(rig, subject.seed + round, true).run_all();
  rig.host.advance_ms(minute_ms);
  rig.stop();
}

}  // namespace gantry::sdk::check
