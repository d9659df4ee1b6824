// Completion: a gantry_completion that remembers what it was told, for tests that call a capability
// or a service themselves. Must outlive the call it was given to.
#pragma once

#include <gantry/call.h>

#include <functional>
#include <optional>
#include <utility>

namespace gantry::sdk::fake {

class Completion {
 public:
  using Then = std::function<void(const gantry_call& call, gantry_status, const void* result)>;

  Completion() = default;
  explicit Completion(Then then) : then_(std::move(then)) {}
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  gantry_completion get() { return {&Completion::done, this}; }
  int count() const { return count_; }  // the contract says 1 in the end
  bool called() const { return count_ > 0; }
  gantry_status status() const { return status_.value(); }  // of the last call

 private:
  static void done(void* context, const gantry_call* call, gantry_status status,
                   const void* result) {
    auto& self = *static_cast<Completion*>(context);
    ++self.count_;
    self.status_ = status;
    if (self.then_) self.then_(*call, status, result);
  }

  Then then_;
  int count_ = 0;
  std::optional<gantry_status> status_;
};

}  // namespace gantry::sdk::fake
