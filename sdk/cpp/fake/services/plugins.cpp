// gantry.host.plugins: the instances of this host, and those a test says are absent.
#include <gantry/host/plugins.h>

#include <algorithm>
#include <cstring>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

Core& core_of(const gantry_host* host) {
  return *InstanceState::of(host).core;
}

gantry_str keep(const gantry_call& call, std::string_view text) {
  if (text.empty()) return {};
  auto* copy = reinterpret_cast<Arena*>(call.arena)->take(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {reinterpret_cast<const char*>(copy), text.size()};
}

// As much of it as the module knows.
template <class T>
void hand_out(T from, T& out) {
  from.struct_size = out.struct_size;
  std::memcpy(&out, &from, std::min<size_t>(out.struct_size, sizeof from));
}

const InstanceState* at(const Core& core, uint32_t index) {
  if (index >= core.instances.size()) return nullptr;
  return &*std::next(core.instances.begin(), index);
}

uint32_t count(const gantry_host* host) {
  const Core& core = core_of(host);
  return static_cast<uint32_t>(core.instances.size() + core.absent.size());
}

gantry_status instance(const gantry_host* host, const gantry_call* call, uint32_t index,
                       gantry_instance_facts* out) {
  if (!call || !call->arena) return GANTRY_INVALID;
  const Core& core = core_of(host);
  if (index >= count(host)) return GANTRY_GONE;
  gantry_instance_facts facts{};
  if (const InstanceState* found = at(core, index)) {
    facts.flags = found->running ? GANTRY_INSTANCE_RUNNING : 0;
    facts.name = keep(*call, found->name);
    facts.module = keep(*call, found->module->name);
    facts.plugin = keep(*call, found->plugin->id);
    facts.version = keep(*call, found->plugin->version);
    facts.offer_count = static_cast<uint32_t>(found->figures.size());
    facts.buffers_retained = static_cast<uint64_t>(std::max<int64_t>(found->held_buffers, 0));
    facts.bytes_retained = static_cast<uint64_t>(std::max<int64_t>(found->held_bytes, 0));
    facts.completions_open = core.promises.open_of(*found).size();
  } else {
    const Absent& absent = core.absent[index - core.instances.size()];
    facts.flags = absent.left_out ? GANTRY_INSTANCE_LEFT_OUT : 0;
    facts.name = facts.module = keep(*call, absent.name);
    facts.trouble = keep(*call, absent.trouble);
  }
  hand_out(facts, *out);
  return GANTRY_OK;
}

gantry_status offer(const gantry_host* host, const gantry_call* call, uint32_t index,
                    uint32_t offer, gantry_offer_figures* out) {
  if (!call || !call->arena) return GANTRY_INVALID;
  const InstanceState* found = at(core_of(host), index);
  if (!found || offer >= found->figures.size()) return GANTRY_GONE;
  gantry_offer_figures figures = found->figures[offer];
  if (offer < found->module->offer_count) {
    figures.id = keep(*call, found->module->offers[offer]->id);
    figures.name = keep(*call, found->module->offers[offer]->name);
  }
  hand_out(figures, *out);
  return GANTRY_OK;
}

}  // namespace

const gantry_plugins& plugins_service() {
  static constexpr gantry_plugins table{sizeof table, 0, count, instance, offer};
  return table;
}

}  // namespace gantry::sdk::fake
