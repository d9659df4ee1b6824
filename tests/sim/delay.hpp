// Delay: a consumer that derives records, as a delay scheduler does. A record of the topic DELAY
// asks for exactly one of DERIVED, which names its cause; seeing that one is what marks the cause
// as done. State and position lie in one file, replaced whole. Owned by a Node; one thread.
#pragma once

#include <deque>
#include <functional>
#include <set>

#include "commitlog/file.hpp"
#include "consumers.hpp"

namespace gantry::sim {

class Delay final : public Consumer {
 public:
  // Without a file system it stores nothing: what a replay from scratch comes to.
  Delay(commitlog::FileSystem* file_system, std::string folder)
      : Consumer("delay"), file_system_(file_system), folder_(std::move(folder)) {}

  // Reads the stored state. A failure is the disk's.
  Outcome<void> load();

  bool runs_inline() const override { return false; }
  bool runs_after(const LogConsumer& other) const override { return &other != this; }
  Outcome<int64_t> position() override { return stored_.position; }
  dispatch::Status consume(dispatch::Call& call, std::span<const commitlog::RecordView> records,
                           uint32_t& consumed) override;
  void live(int64_t) override { live_ = true; }
  dispatch::Status persist(dispatch::Call& call, int64_t stable, int64_t& persisted) override;
  Outcome<void> truncate(int64_t log_offset) override;

  // The causes that nothing was derived from yet.
  std::set<int64_t> pending() const;
  // The log must be kept from here on: what is derived may be cut, and its cause pending again.
  int64_t needed_from() const;
  // Calls derive(cause) for pending causes, at most `count`, until it says false: not taken. None
  // before live(), none twice in one life.
  void derive(size_t count, const std::function<bool(int64_t cause)>& derive);

 private:
  struct State {
    int64_t position = 0;
    std::set<int64_t> pending;
  };
  struct Event {
    int64_t begin;
    int64_t end;
    int64_t asked = -1;  // a cause: the record itself
    int64_t done = -1;   // the cause that the record names
  };
  static void apply(const Event& event, std::set<int64_t>& pending);
  ErrorCode store(const State& state) const;

  commitlog::FileSystem* const file_system_;
  const std::string folder_;
  State stored_;                 // what the file says
  std::deque<Event> recent_;     // what came behind stored_.position
  int64_t consumed_ = 0;         // end of the last record taken
  std::set<int64_t> in_flight_;  // causes derived from, not seen again yet
  bool live_ = false;
};

}  // namespace gantry::sim
