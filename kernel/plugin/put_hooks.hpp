// PutHooks: the put hooks of a node. PutChain: those that run, in their order, and which of them a
// put concerns. Owned by the node; resolved once on the control thread, when the modules have
// started, constant afterwards; read by appends on any thread.
#pragma once

#include <gantry/cap/put_hook.h>

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "plugin/bindings.hpp"
#include "plugin/property_names.hpp"
#include "plugin/record_views.hpp"

namespace gantry::plugin {

struct PutHook {
  Binding* binding = nullptr;
  Instance* target = nullptr;  // the binding's, at hand
  Guard* guard = nullptr;
  gantry_instance* instance = nullptr;
  const gantry_put_hook* table = nullptr;
  mutable std::atomic<uint64_t> faults{0};

  const GuardPolicy& policy() const { return guard->policy(); }
  // A put goes on although this hook can't be called: it pauses, and the operator said so.
  bool goes_on_without() const {
    return target->running() && (policy().on_fault == OnCallFault::open ||
                                          policy().on_fault == OnCallFault::bypass);
  }
};

class PutChain {
 public:
  static constexpr size_t hooks_max = 64;  // a set of hooks is a word
  using Offer = std::pair<Instance*, const gantry_offer*>;

  PutChain(Directory& directory, const std::vector<Offer>& offers, uint64_t body_bytes_max,
           const Clock& clock);

  struct Look {
    uint64_t concerned;  // bit i: hook i
    PropertyTexts texts;
  };
  // The property text of each record is looked at once, whatever hooks there are.
  Look look(const gantry_put& put) const {
    if (put.count != 1) return look_at_each(put);
    const PropertyNames::Look one = names_.look(view(put.records->property_text));
    return {always_ | one.bits, known(one.zero_free)};
  }

  std::span<const PutHook> hooks() const { return hooks_; }
  uint64_t body_bytes_max() const { return body_bytes_max_; }
  const Clock& clock() const { return clock_; }

 private:
  Look look_at_each(const gantry_put& put) const;
  static PropertyTexts known(bool zero_free) {
    return zero_free ? PropertyTexts::zero_free : PropertyTexts::unknown;
  }

  std::vector<PutHook> hooks_;
  uint64_t all_ = 0;
  uint64_t always_ = 0;  // those that every put concerns
  PropertyNames names_;
  const uint64_t body_bytes_max_;
  const Clock& clock_;
};

class PutHooks {
 public:
  // Hooks run behind those their offer's `after` names, otherwise as configured.
  Outcome<void> resolve(Directory& directory, uint64_t body_bytes_max, const Clock& clock);

  // [any] Null when nothing is bound.
  const PutChain* chain() const { return chain_.load(std::memory_order_acquire); }

 private:
  std::unique_ptr<const PutChain> owned_;
  std::atomic<const PutChain*> chain_{nullptr};
};

}  // namespace gantry::plugin
