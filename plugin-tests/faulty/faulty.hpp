// faulty: what the plugins of this folder in C++ do right, as faulty.h has it for those in C: a
// module that does nothing, the route of code 9200, and FAULTY_OFFER, which defines the library around
// one table at the end of a file. All of it belongs to the file that includes this.
#pragma once

#include "cpp/capabilities.hpp"

namespace sdk = gantry::sdk;

namespace {

class Sound : public sdk::Module {
 public:
  using Module::Module;
};

[[maybe_unused]] constexpr gantry_route route_9200 = sdk::route(9200, GANTRY_ACCESS_NONE);
[[maybe_unused]] constexpr const gantry_route* routes[] = {&route_9200};

}  // namespace

#define FAULTY_OFFER(Module, capability, offer_name, table)                                       \
  constexpr gantry_offer offer = sdk::offer(capability, offer_name, &table);                      \
  constexpr const gantry_offer* offers[] = {&offer};                                              \
  constexpr gantry_need need_requests = sdk::need(GANTRY_HOST_REQUESTS);                          \
  constexpr const gantry_need* needs[] = {&need_requests};                                        \
  constexpr gantry_module faulty_module =                                                         \
      sdk::module<Module>({.name = "faulty", .offers = offers, .needs = needs});                  \
  constexpr const gantry_module* modules[] = {&faulty_module};                                    \
  extern "C" const gantry_plugin gantry_plugin_v1 =                                               \
      sdk::plugin("org.gantry.faulty", "1", modules)
