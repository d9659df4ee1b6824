#include "plugin/services.hpp"

#include <functional>

#include "plugin/instance.hpp"

namespace gantry::plugin {
namespace {

struct Entry {
  std::string_view id;
  const void* (*table)();
};

template <auto& function>
const void* table_of() {
  return &function();
}

constexpr Entry services[] = {
    {GANTRY_HOST_BUFFERS, table_of<buffers_service>},
    {GANTRY_HOST_CAPABILITIES, table_of<capabilities_service>},
    {GANTRY_HOST_CLOCK, table_of<clock_service>},
    {GANTRY_HOST_COMMITLOG, table_of<commitlog_service>},
    {GANTRY_HOST_LOGGING, table_of<logging_service>},
    {GANTRY_HOST_PEERS, table_of<peers_service>},
    {GANTRY_HOST_PLUGINS, table_of<plugins_service>},
    {GANTRY_HOST_REQUESTS, table_of<requests_service>},
    {GANTRY_HOST_SESSIONS, table_of<sessions_service>},
    {GANTRY_HOST_SETTINGS, table_of<settings_service>},
    {GANTRY_HOST_TIMER, table_of<timer_service>},
};

const Entry* entry_of(std::string_view id) {
  for (const Entry& entry : services) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

}  // namespace

const void* find_service(const Instance& instance, std::string_view id) {
  const Entry* entry = entry_of(id);
  const HostContext& node = instance.context();
  if (!entry || (id == GANTRY_HOST_COMMITLOG && !node.log) ||
      (id == GANTRY_HOST_PLUGINS && !node.roster)) {
    return nullptr;
  }
  return entry->table();
}

bool is_service(std::string_view id) { return entry_of(id) != nullptr; }

}  // namespace gantry::plugin
