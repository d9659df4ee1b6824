// PutRun: one put's way through the hooks it concerns: before the append, and behind it. Lives on
// the appending thread's stack.
#pragma once

#include <gantry/cap/put_hook.h>

#include <string_view>

#include "dispatch/arena.hpp"
#include "plugin/put_edit.hpp"
#include "plugin/put_hooks.hpp"

namespace gantry::plugin {

class PutRun {
 public:
  // How deep hooked appends may lie in one another: a hook that appends without
  // GANTRY_PUT_NO_HOOKS may meet itself.
  static constexpr uint32_t depth_max = 8;

  // `call` may be null.
  PutRun(const PutChain& chain, const gantry_call* call, const gantry_put& put);
  PutRun(const PutRun&) = delete;
  PutRun& operator=(const PutRun&) = delete;

  // Runs `concerned`, and who is concerned by what these edit. Not OK: nothing is to be appended,
  // and the caller's error says why.
  gantry_status before(uint64_t concerned);
  // As the hooks left it.
  const gantry_put& put() const { return edit_.put(); }
  void appended(const gantry_put_result& result);

 private:
  gantry_status before_refused(const PutHook& hook, gantry_status status);
  gantry_status refuse(std::string_view text);
  gantry_status fault(const PutHook& hook, gantry_status status);
  void clear_error();

  const PutChain& chain_;
  gantry_error* const asker_;  // the appending module's
  dispatch::Arena own_arena_;  // for a call without one
  gantry_error error_;         // the hooks'
  gantry_call call_{};         // likewise
  PutEdit edit_;
  uint64_t ran_ = 0;
};

}  // namespace gantry::plugin
