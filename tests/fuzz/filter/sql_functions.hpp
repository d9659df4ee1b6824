// FunctionHost: functions for expressions without a host behind them: echo(x) is x, arguments(...) how
// many there are, fail(...) fails. What is bound can be stopped and reloaded. Used by one thread.
#pragma once

#include <gantry/cap/function.h>

#include <cstdint>
#include <vector>

#include "cpp/host.hpp"

namespace gantry::filter_sql92::fuzz {

class FunctionHost {
 public:
  FunctionHost();
  FunctionHost(const FunctionHost&) = delete;
  FunctionHost& operator=(const FunctionHost&) = delete;

  sdk::Host host() const { return sdk::Host(&host_); }
  void reload() { ++generation_; }
  void stop() { runs_ = false; }
  int prepared() const { return prepared_; }  // and not released

 private:
  struct Function {
    FunctionHost* owner;
    const char* name;
    gantry_function table;
  };
  static FunctionHost& of(const gantry_host* host) {
    return *static_cast<FunctionHost*>(host->context);
  }
  static gantry_status prepare(gantry_instance* self, const gantry_call*, const gantry_value*,
                               uint32_t, gantry_prepared** out);
  static void release(gantry_prepared* prepared);
  void serve();

  gantry_host host_{};
  gantry_capabilities capabilities_{};
  std::vector<Function> functions_;
  uint64_t generation_ = 1;
  bool runs_ = true;
  int prepared_ = 0;
};

}  // namespace gantry::filter_sql92::fuzz
