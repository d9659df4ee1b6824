#include "figures.hpp"

#include <algorithm>

namespace gantry::node_admin {

namespace bj = boost::json;

namespace {

bj::string text(gantry_str text) { return bj::string(sdk::view(text)); }

const char* state_of(const gantry_instance_facts& facts, bool tripped) {
  if (facts.flags & GANTRY_INSTANCE_LEFT_OUT) return "left out";
  if (!(facts.flags & GANTRY_INSTANCE_RUNNING)) return facts.trouble.size > 0 ? "failed" : "stopped";
  return tripped ? "tripped" : "running";
}

void put_figures(const gantry_offer_figures& figures, bj::object& out) {
  out["calls"] = figures.calls;
  out["faults"] = figures.faults;
  out["refusals"] = figures.refusals;
  out["turnedAway"] = figures.turned_away;
  out["overBudget"] = figures.over_budget;
  out["overLimit"] = figures.over_limit;
  out["trips"] = figures.trips;
  out["p50Ns"] = figures.p50_ns;
  out["p99Ns"] = figures.p99_ns;
  out["p999Ns"] = figures.p999_ns;
  out["maxNs"] = figures.max_ns;
  out["lastFault"] = text(figures.last_fault);
  out["lastFaultAt"] = figures.last_fault_ms;
}

void add(const gantry_offer_figures& one, gantry_offer_figures& all) {
  all.flags |= one.flags;
  all.calls += one.calls;
  all.faults += one.faults;
  all.refusals += one.refusals;
  all.turned_away += one.turned_away;
  all.over_budget += one.over_budget;
  all.over_limit += one.over_limit;
  all.trips += one.trips;
  if (one.id.size > 0) {  // a start may take seconds, which tells nothing of calls
    all.p50_ns = std::max(all.p50_ns, one.p50_ns);
    all.p99_ns = std::max(all.p99_ns, one.p99_ns);
    all.p999_ns = std::max(all.p999_ns, one.p999_ns);
    all.max_ns = std::max(all.max_ns, one.max_ns);
  }
  if (one.last_fault_ms <= all.last_fault_ms) return;
  all.last_fault_ms = one.last_fault_ms;
  all.last_fault = one.last_fault;
}

}  // namespace

gantry_instance_facts Figures::facts(const gantry_call& call, uint32_t index) const {
  gantry_instance_facts facts{};
  facts.struct_size = sizeof facts;
  const gantry_status status = plugins_.instance(host_, &call, index, &facts);
  if (status != GANTRY_OK) throw sdk::Refusal(status, "the host doesn't tell of its modules");
  return facts;
}

gantry_offer_figures Figures::offer(const gantry_call& call, uint32_t index,
                                    uint32_t offer) const {
  gantry_offer_figures figures{};
  figures.struct_size = sizeof figures;
  const gantry_status status = plugins_.offer(host_, &call, index, offer, &figures);
  if (status != GANTRY_OK) throw sdk::Refusal(status, "the host doesn't tell of an offer");
  return figures;
}

bj::object Figures::instance(const gantry_call& call, uint32_t index) const {
  const gantry_instance_facts facts = this->facts(call, index);
  gantry_offer_figures all{};
  for (uint32_t i = 0; i < facts.offer_count; ++i) add(offer(call, index, i), all);
  bj::object out;
  out["name"] = text(facts.name);
  out["module"] = text(facts.module);
  out["plugin"] = text(facts.plugin);
  out["version"] = text(facts.version);
  out["library"] = text(facts.library);
  out["state"] = state_of(facts, (all.flags & GANTRY_OFFER_TRIPPED) != 0);
  out["required"] = (facts.flags & GANTRY_INSTANCE_REQUIRED) != 0;
  out["trouble"] = text(facts.trouble);
  put_figures(all, out);
  out["buffersRetained"] = facts.buffers_retained;
  out["bytesRetained"] = facts.bytes_retained;
  out["completionsOpen"] = facts.completions_open;
  return out;
}

bj::array Figures::offers(const gantry_call& call, uint32_t index) const {
  bj::array out;
  const uint32_t count = facts(call, index).offer_count;
  for (uint32_t i = 0; i < count; ++i) {
    const gantry_offer_figures figures = offer(call, index, i);
    bj::object one;
    one["id"] = text(figures.id);
    one["name"] = text(figures.name);
    one["tripped"] = (figures.flags & GANTRY_OFFER_TRIPPED) != 0;
    put_figures(figures, one);
    out.push_back(std::move(one));
  }
  return out;
}

std::optional<uint32_t> Figures::find(const gantry_call& call, std::string_view name) const {
  for (uint32_t i = 0; i < count(); ++i) {
    if (sdk::view(facts(call, i).name) == name) return i;
  }
  return std::nullopt;
}

std::string Figures::names(const gantry_call& call) const {
  std::string out;
  for (uint32_t i = 0; i < count(); ++i) {
    if (i > 0) out += ", ";
    out += sdk::view(facts(call, i).name);
  }
  return out;
}

}  // namespace gantry::node_admin
