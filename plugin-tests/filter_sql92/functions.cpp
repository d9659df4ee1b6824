// A module of small functions for expressions: what they are given, and what they may say or fail to.
#include <gantry/plugin.h>

#include <string>

#include "cpp/capabilities.hpp"

namespace gantry::sql92_functions {
namespace {

class Functions : public sdk::FilterModule {
 public:
  using FilterModule::FilterModule;
};

// A call of one: what prepare was told.
struct Call {
  sdk::FilterModule::Hold hold;
  int64_t constants = 0;
};

struct Given {
  const Call& prepared;
  const gantry_message& message;
  std::span<const gantry_value> arguments;

  const gantry_value& first() const {
    if (arguments.empty()) throw sdk::Refusal(GANTRY_FAULT, "an argument is missing");
    return arguments[0];
  }
  std::string_view text() const {
    return first().kind == GANTRY_STR ? sdk::view(first().as.s) : std::string_view();
  }
};

gantry_value echo(const Given& given) {
  return given.first();
}
gantry_value size(const Given& given) {
  return given.first().kind == GANTRY_STR ? sdk::i64_value(static_cast<int64_t>(given.text().size()))
                                          : sdk::null_value();
}
gantry_value half(const Given& given) {
  return {GANTRY_F64, 0, {.f = static_cast<double>(given.first().as.i) / 2}};
}
gantry_value yes(const Given&) {
  return sdk::bool_value(true);
}
gantry_value topic(const Given& given) {
  return {GANTRY_STR, 0, {.s = given.message.topic}};
}
gantry_value constants(const Given& given) {
  return sdk::i64_value(given.prepared.constants);
}
gantry_value arguments(const Given& given) {
  return sdk::i64_value(static_cast<int64_t>(given.arguments.size()));
}
gantry_value kind(const Given& given) {
  return sdk::i64_value(given.first().kind);
}
gantry_value odd(const Given&) {
  return {GANTRY_LIST, 0, {.i = 0}};
}
gantry_value fail(const Given& given) {
  throw sdk::Refusal(GANTRY_FAULT, "failed on purpose: " + std::string(given.text()));
}

using Compute = gantry_value (*)(const Given&);

gantry_status prepare(gantry_instance* self, const gantry_call* call, const gantry_value* given,
                      uint32_t count, gantry_prepared** out) {
  return sdk::barrier(call->error, [&] {
    auto prepared = std::unique_ptr<Call>(
        new Call{sdk::FilterModule::Hold(sdk::from<Functions>(self)), 0});
    for (uint32_t i = 0; i < count; ++i) {
      if (given[i].kind == GANTRY_NULL) continue;
      ++prepared->constants;
      const bool is_bad = given[i].kind == GANTRY_STR && sdk::view(given[i].as.s) == "bad";
      if (is_bad) {
        throw sdk::Refusal(GANTRY_INVALID, "argument " + std::to_string(i + 1) + " is bad");
      }
    }
    *out = reinterpret_cast<gantry_prepared*>(prepared.release());
    return GANTRY_OK;
  });
}

void release(gantry_prepared* prepared) {
  delete reinterpret_cast<Call*>(prepared);
}

template <Compute compute>
constexpr gantry_function function{
    sizeof(gantry_function), 0, prepare,
    [](gantry_prepared* prepared, const gantry_call* call, const gantry_message* message,
       const gantry_value* given, uint32_t count, gantry_value* out) {
      return sdk::barrier(call->error, [&] {
        *out = compute({*reinterpret_cast<const Call*>(prepared), *message, {given, count}});
        return GANTRY_OK;
      });
    },
    release};

template <Compute compute>
constexpr gantry_offer offer(const char* name) {
  return sdk::offer(GANTRY_CAP_FUNCTION, name, &function<compute>);
}

constexpr gantry_offer all[] = {offer<echo>("echo"),           offer<size>("size"),
                                offer<half>("half"),           offer<yes>("yes"),
                                offer<topic>("topic"),         offer<constants>("constants"),
                                offer<arguments>("arguments"), offer<kind>("kind"),
                                offer<odd>("odd"),             offer<fail>("fail")};
constexpr const gantry_offer* offers[] = {&all[0], &all[1], &all[2], &all[3], &all[4],
                                          &all[5], &all[6], &all[7], &all[8], &all[9]};

constexpr gantry_module functions = sdk::module<Functions>({.name = "functions", .offers = offers});
constexpr const gantry_module* modules[] = {&functions};

}  // namespace
}  // namespace gantry::sql92_functions

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.test.sql92_functions", "1.0", gantry::sql92_functions::modules);
