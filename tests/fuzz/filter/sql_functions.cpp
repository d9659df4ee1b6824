#include "fuzz/filter/sql_functions.hpp"

#include <string_view>

#include "cpp/barrier.hpp"

namespace gantry::filter_sql92::fuzz {
namespace {

gantry_status echo(gantry_prepared*, const gantry_call* call, const gantry_message*,
                   const gantry_value* arguments, uint32_t count, gantry_value* out) {
  if (count != 1) return sdk::set_error(call->error, GANTRY_FAULT, "echo takes one argument");
  *out = arguments[0];
  return GANTRY_OK;
}

gantry_status arguments(gantry_prepared*, const gantry_call*, const gantry_message*,
                        const gantry_value*, uint32_t count, gantry_value* out) {
  *out = sdk::i64_value(count);
  return GANTRY_OK;
}

gantry_status fail(gantry_prepared*, const gantry_call* call, const gantry_message*,
                   const gantry_value*, uint32_t, gantry_value*) {
  return sdk::set_error(call->error, GANTRY_FAULT, "failed on purpose");
}

}  // namespace

FunctionHost::FunctionHost() {
  const auto add = [this](const char* name, auto invoke) {
    functions_.push_back({this, name, {sizeof(gantry_function), 0, prepare, invoke, release}});
  };
  add("echo", echo);
  add("arguments", arguments);
  add("fail", fail);
  serve();
}

// A prepared call is its host, which counts them.
gantry_status FunctionHost::prepare(gantry_instance* self, const gantry_call*, const gantry_value*,
                                    uint32_t, gantry_prepared** out) {
  ++reinterpret_cast<FunctionHost*>(self)->prepared_;
  *out = reinterpret_cast<gantry_prepared*>(self);
  return GANTRY_OK;
}

void FunctionHost::release(gantry_prepared* prepared) {
  --reinterpret_cast<FunctionHost*>(prepared)->prepared_;
}

void FunctionHost::serve() {
  host_.struct_size = sizeof host_;
  host_.shard_count = 1;
  host_.context = this;
  host_.service = [](const gantry_host* host, const char* id) -> const void* {
    return std::string_view(id) == GANTRY_HOST_CAPABILITIES ? &of(host).capabilities_ : nullptr;
  };
  capabilities_.struct_size = sizeof capabilities_;
  capabilities_.list = [](const gantry_host* host, const char*, gantry_str* names,
                          uint32_t capacity) {
    const auto& functions = of(host).functions_;
    for (uint32_t i = 0; i < functions.size() && i < capacity; ++i) {
      names[i] = sdk::str(functions[i].name);
    }
    return static_cast<uint32_t>(functions.size());
  };
  capabilities_.bind = [](const gantry_host* host, const char*, gantry_str name,
                          gantry_binding** out, gantry_error*) -> gantry_status {
    for (Function& function : of(host).functions_) {
      if (sdk::view(name) != function.name) continue;
      *out = reinterpret_cast<gantry_binding*>(&function);
      return GANTRY_OK;
    }
    return GANTRY_GONE;
  };
  capabilities_.enter = [](gantry_binding* binding, const gantry_call*, gantry_lease* out) {
    const auto& function = *reinterpret_cast<const Function*>(binding);
    FunctionHost& owner = *function.owner;
    *out = {reinterpret_cast<gantry_instance*>(&owner), &function.table, binding,
            owner.generation_};
    return owner.runs_ ? GANTRY_OK : GANTRY_REFUSED;
  };
  capabilities_.leave = [](gantry_lease*, gantry_status) {};
}

}  // namespace gantry::filter_sql92::fuzz
