// gantry.host.plugins: what the host knows of its instances.
#include <gantry/host/plugins.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "plugin/instance.hpp"
#include "plugin/roster.hpp"
#include "plugin/services.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {
namespace {

const Roster& roster_of(const gantry_host* host) { return *Instance::of(host).context().roster; }

// A text of the host's as one that lives as long as the call's arena.
class Kept {
 public:
  explicit Kept(const gantry_call& call) : arena_(reinterpret_cast<dispatch::Arena&>(*call.arena)) {}
  gantry_str operator()(std::string_view text) {
    if (text.empty()) return {};
    auto* copy = reinterpret_cast<char*>(arena_.take(text.size()));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

 private:
  dispatch::Arena& arena_;
};

// As much of it as the caller knows.
template <class T>
void hand_out(T from, T& out) {
  from.struct_size = out.struct_size;
  std::memcpy(&out, &from, std::min<size_t>(out.struct_size, sizeof from));
}

uint64_t not_below_zero(int64_t count) { return static_cast<uint64_t>(std::max<int64_t>(count, 0)); }

gantry_instance_facts facts_of(const Roster::Entry& entry, Kept keep) {
  gantry_instance_facts facts{};
  facts.name = keep(entry.name);
  facts.module = keep(entry.module);
  facts.plugin = keep(entry.plugin);
  facts.version = keep(entry.version);
  facts.library = keep(entry.library);
  facts.trouble = keep(entry.trouble);
  if (entry.required) facts.flags |= GANTRY_INSTANCE_REQUIRED;
  if (entry.left_out) facts.flags |= GANTRY_INSTANCE_LEFT_OUT;
  if (!entry.instance) return facts;
  const Instance& instance = *entry.instance;
  if (instance.running()) facts.flags |= GANTRY_INSTANCE_RUNNING;
  facts.offer_count = static_cast<uint32_t>(instance.guards().size());
  const HeldBuffers::Total held = instance.held_buffers().total();
  facts.buffers_retained = not_below_zero(held.buffers);
  facts.bytes_retained = not_below_zero(held.bytes);
  facts.completions_open = instance.outstanding().count();
  return facts;
}

gantry_offer_figures figures_of(const Instance& instance, uint32_t offer, Kept keep) {
  const gantry_module& module = instance.module();
  const Guard::Figures from = instance.guards()[offer]->figures();
  gantry_offer_figures figures{};
  if (from.tripped) figures.flags |= GANTRY_OFFER_TRIPPED;
  if (offer < module.offer_count) {
    figures.id = keep(module.offers[offer]->id);
    figures.name = keep(module.offers[offer]->name);
  }
  figures.calls = from.calls;
  figures.faults = from.faults;
  figures.refusals = from.refusals;
  figures.turned_away = from.turned_away;
  figures.over_budget = from.over_budget;
  figures.over_limit = from.over_limit;
  figures.trips = from.trips;
  figures.p50_ns = from.p50_ns;
  figures.p99_ns = from.p99_ns;
  figures.p999_ns = from.p999_ns;
  figures.max_ns = from.max_ns;
  figures.last_fault = keep(from.last_fault);
  figures.last_fault_ms = from.last_fault_ms;
  return figures;
}

uint32_t count(const gantry_host* host) { return roster_of(host).count(); }

gantry_status instance(const gantry_host* host, const gantry_call* call, uint32_t index,
                       gantry_instance_facts* out) {
  if (!call || !call->arena) return GANTRY_INVALID;
  try {
    Roster::Entry entry;
    if (!roster_of(host).at(index, entry)) return GANTRY_GONE;
    hand_out(facts_of(entry, Kept(*call)), *out);
    return GANTRY_OK;
  } catch (const std::bad_alloc&) {
    return GANTRY_BUSY;
  }
}

gantry_status offer(const gantry_host* host, const gantry_call* call, uint32_t index,
                    uint32_t offer, gantry_offer_figures* out) {
  if (!call || !call->arena) return GANTRY_INVALID;
  try {
    Roster::Entry entry;
    if (!roster_of(host).at(index, entry) || !entry.instance) return GANTRY_GONE;
    if (offer >= entry.instance->guards().size()) return GANTRY_GONE;
    hand_out(figures_of(*entry.instance, offer, Kept(*call)), *out);
    return GANTRY_OK;
  } catch (const std::bad_alloc&) {
    return GANTRY_BUSY;
  }
}

}  // namespace

const gantry_plugins& plugins_service() {
  static constexpr gantry_plugins table{sizeof table, 0, count, instance, offer};
  return table;
}

}  // namespace gantry::plugin
