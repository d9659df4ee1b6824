// Gates: named reasons not to take records. Owned by CommitLog; any thread. The append path looks
// at one atomic; names, codes and reasons are looked up only when something is closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::commitlog {

class Gates {
 public:
  bool any_closed() const { return closed_.load() > 0; }
  void close(std::string_view name, int32_t wire_code, std::string_view reason);
  void open(std::string_view name);
  // The first closed one; false when all are open.
  bool first_closed(int32_t& wire_code, std::string& reason) const;

 private:
  struct Gate {
    explicit Gate(std::string n) : name(std::move(n)) {}

    std::string name;
    bool closed = false;
    int32_t wire_code = 0;
    std::string reason;
  };
  std::vector<Gate>::iterator find(std::string_view name);

  std::atomic<uint32_t> closed_{0};
  mutable std::mutex mutex_;
  std::vector<Gate> gates_;  // in the order first closed; guarded by mutex_
};

}  // namespace gantry::commitlog
