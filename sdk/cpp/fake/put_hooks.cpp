#include "cpp/fake/put_hooks.hpp"

#include <algorithm>
#include <stdexcept>

#include "cpp/fake/core.hpp"
#include "cpp/fake/edited_put.hpp"
#include "cpp/put_edit.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr uint32_t depth_max = 8;
constexpr int32_t system_error = 1;

// Counts how deep hooked appends lie in one another.
struct Nested {
  explicit Nested(uint32_t& counted) : depth(counted) { ++depth; }
  ~Nested() { --depth; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;
  uint32_t& depth;
};

}  // namespace

void PutHooks::collect() {
  hooks_.clear();
  for (const InstanceState& instance : core_.instances)
    for (uint32_t i = 0; instance.running && i < instance.module->offer_count; ++i) {
      const gantry_offer& offer = *instance.module->offers[i];
      if (std::string_view(offer.id) == GANTRY_CAP_PUT_HOOK)
        hooks_.push_back({instance.name, &instance, instance.self,
                          static_cast<const gantry_put_hook*>(offer.table), offer.after});
    }
  for (const FakeOffer& offer : core_.offers)
    if (offer.id == GANTRY_CAP_PUT_HOOK)
      hooks_.push_back({offer.name, nullptr, offer.self,
                        static_cast<const gantry_put_hook*>(offer.table), nullptr});
}

bool PutHooks::runs_after(const Hook& one, const Hook& other) const {
  if (!one.after || one.self == other.self) return false;
  for (const char* const* name = one.after; *name; ++name)
    if (other.name == *name || (other.instance && other.instance->offer(*name))) return true;
  return false;
}

void PutHooks::start() {
  collect();
  std::vector<Hook> ordered;
  while (!hooks_.empty()) {
    const auto next = std::find_if(hooks_.begin(), hooks_.end(), [&](const Hook& one) {
      return std::none_of(hooks_.begin(), hooks_.end(),
                          [&](const Hook& other) { return runs_after(one, other); });
    });
    if (next == hooks_.end())
      throw std::runtime_error("put hooks run behind one another in a circle: " +
                               hooks_.front().name + " and " + hooks_.back().name);
    ordered.push_back(*next);
    hooks_.erase(next);
  }
  hooks_ = std::move(ordered);
}

bool PutHooks::concerns(const Hook& hook, const gantry_put& put) const {
  const std::span names(hook.table->when, hook.table->when_count);
  if (names.empty()) return true;
  for (uint32_t i = 0; i < put.count; ++i)
    for (const gantry_str name : names)
      if (!find_property(view(record(put, i).property_text), view(name)).value_or("").empty())
        return true;
  return false;
}

gantry_status PutHooks::before(const Hook& hook, EditedPut& put, gantry_error* error) {
  if (hook.instance && (!hook.instance->running || hook.instance->tripped))
    return set_error(error, GANTRY_REFUSED, "put hook " + hook.name + " is not running",
                     system_error);
  gantry_status status = GANTRY_OK;
  gantry_error said{};
  core_.loop.run_at(core_.loop.place(), [&](const gantry_call& call) {
    put.report_to(call.error);
    status = hook.table->before(hook.self, &call, &put.put(), put.get(), &EditedPut::editor());
    said = *call.error;
  });
  if (status == GANTRY_OK) return status;
  std::string text = said.text;
  if (status == GANTRY_REFUSED) {
    if (text.empty()) text = "refused by put hook " + hook.name;
    return set_error(error, status, text, said.wire_code != 0 ? said.wire_code : system_error);
  }
  text = "put hook " + hook.name + " failed with status " + std::to_string(status) + ": " +
         (text.empty() ? "no reason given" : text);
  core_.lines.push_back({hook.name, GANTRY_LOGGING_ERROR, text});
  return set_error(error, GANTRY_REFUSED, text, system_error);
}

gantry_status PutHooks::append(const gantry_put& given, const gantry_put_result& result,
                               gantry_error* error, const Store& store) {
  const auto concerned = [&](const Hook& hook) { return concerns(hook, given); };
  if ((given.flags & GANTRY_PUT_NO_HOOKS) ||
      std::none_of(hooks_.begin(), hooks_.end(), concerned))
    return store(given);
  if (const gantry_status wrong = core_.log.check(given, error); wrong != GANTRY_OK) return wrong;
  if (depth_ >= depth_max)
    return set_error(error, GANTRY_REFUSED,
                     "put hooks append from within put hooks, " + std::to_string(depth_) +
                         " deep: a put of a hook's own carries GANTRY_PUT_NO_HOOKS",
                     system_error);
  const Nested nested(depth_);
  EditedPut put(given);
  std::vector<const Hook*> ran;
  for (const Hook& hook : hooks_) {
    if (!concerns(hook, put.put())) continue;
    if (const gantry_status refused = before(hook, put, error); refused != GANTRY_OK)
      return refused;
    put.publish();
    ran.push_back(&hook);
  }
  if (const gantry_status status = store(put.put()); status != GANTRY_OK) return status;
  for (const Hook* hook : ran) {
    if (!hook->table->appended || (hook->instance && !hook->instance->running)) continue;
    core_.loop.run_at(core_.loop.place(), [&](const gantry_call& call) {
      hook->table->appended(hook->self, &call, &put.put(), &result);
    });
  }
  return GANTRY_OK;
}

}  // namespace gantry::sdk::fake
