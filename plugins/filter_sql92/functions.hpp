// Functions: what other modules offer to expressions (gantry.function), and calls of them. Bound at
// start; a Prepared is one call in one expression, made on a worker and used by any thread.
#pragma once

#include <gantry/cap/function.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cpp/host.hpp"

namespace gantry::filter_sql92 {

class Prepared;

// Owned by the module; outlives every Prepared.
class Functions {
 public:
  // Binds all that this node has. [control]
  void bind(const sdk::Host& host);

  bool has(std::string_view name) const { return bindings_.contains(name); }
  std::string names() const;  // "lua, geo"; empty when there are none

  // constants: the arguments' values, GANTRY_NULL where it differs by message. Throws sdk::Refusal.
  // [worker]
  Prepared prepare(const gantry_call& call, std::string_view name,
                   std::span<const gantry_value> constants) const;

 private:
  const gantry_capabilities* capabilities_ = nullptr;
  std::map<std::string, gantry_binding*, std::less<>> bindings_;
};

class Prepared {
 public:
  // The function's status; below zero, call.error says why. Throws sdk::Refusal REFUSED when its
  // module does not run, or was reloaded since prepare. [any]
  gantry_status invoke(const gantry_call& call, const gantry_message& message,
                       std::span<const gantry_value> arguments, gantry_value& out) const;
  const std::string& name() const { return *name_; }

 private:
  friend class Functions;
  struct Release {
    const gantry_function* table;
    void operator()(gantry_prepared* prepared) const { table->release(prepared); }
  };
  Prepared(const gantry_capabilities& capabilities, gantry_binding* binding,
           const std::string& name, uint64_t generation, const gantry_function* table,
           gantry_prepared* prepared)
      : capabilities_(&capabilities),
        binding_(binding),
        name_(&name),
        generation_(generation),
        prepared_(prepared, Release{table}) {}

  const gantry_capabilities* capabilities_;
  gantry_binding* binding_;
  const std::string* name_;
  uint64_t generation_;
  std::unique_ptr<gantry_prepared, Release> prepared_;
};

}  // namespace gantry::filter_sql92
