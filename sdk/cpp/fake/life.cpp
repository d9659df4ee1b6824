#include "cpp/fake/life.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

namespace gantry::sdk::fake {
namespace {

bool is_required(const InstanceState& instance, std::string_view id) {
  for (uint32_t i = 0; i < instance.module->need_count; ++i)
    if (id == instance.module->needs[i]->id) return instance.module->needs[i]->required != 0;
  return false;
}

bool is_offered(const Core& core, std::string_view id) {
  return std::any_of(core.offers.begin(), core.offers.end(),
                     [&](const FakeOffer& offer) { return offer.id == id; }) ||
         std::any_of(core.instances.begin(), core.instances.end(),
                     [&](const InstanceState& instance) { return instance.offer(id); });
}

void check_needs(const Core& core) {
  for (const InstanceState& instance : core.instances)
    for (uint32_t i = 0; i < instance.module->need_count; ++i) {
      const char* id = instance.module->needs[i]->id;
      if (is_required(instance, id) && !is_service(id) && !is_offered(core, id))
        throw std::runtime_error(instance.name + " needs " + id + ", which nobody offers");
    }
}

void check_claims(const Core& core) {
  std::map<std::string, std::string> claimed;
  for (const InstanceState& instance : core.instances)
    for (const char* const* claim = instance.module->store_claims; claim && *claim; ++claim) {
      const auto [at, fresh] = claimed.emplace(*claim, instance.name);
      if (!fresh)
        throw std::runtime_error(at->second + " and " + instance.name + " both claim " + *claim);
    }
}

// Those whose needs are met first; ties in configuration order.
std::vector<InstanceState*> start_order(Core& core) {
  std::vector<InstanceState*> left;
  for (InstanceState& instance : core.instances) left.push_back(&instance);
  std::vector<InstanceState*> out;
  while (!left.empty()) {
    const auto waits_for = [&](const InstanceState* one, const InstanceState* other) {
      if (one == other) return false;
      for (uint32_t i = 0; i < one->module->need_count; ++i)
        if (other->offer(one->module->needs[i]->id)) return true;
      return false;
    };
    const auto next = std::find_if(left.begin(), left.end(), [&](const InstanceState* one) {
      return std::none_of(left.begin(), left.end(),
                          [&](const InstanceState* other) { return waits_for(one, other); });
    });
    if (next == left.end())
      throw std::runtime_error("modules need one another in a circle: " + left.front()->name);
    out.push_back(*next);
    left.erase(next);
  }
  return out;
}

void create(InstanceState& instance) {
  Core& core = *instance.core;
  std::filesystem::create_directories(instance.data_dir);
  instance.host.struct_size = sizeof instance.host;
  instance.host.shard_count = core.options.shard_count;
  instance.host.context = &instance;
  instance.host.instance_name = str(instance.name);
  instance.host.data_dir = str(instance.data_dir);
  instance.host.service = &find_service;
  instance.host.complete = [](const gantry_host* host, gantry_token token, gantry_status status,
                              const gantry_error* error) {
    LifeStep& step = InstanceState::of(host).core->step;
    if (token != step.token || !step.pending)
      return InstanceState::of(host).core->requests.count_late();
    step.pending = false;
    step.status = status;
    step.text = error ? error->text : "";
  };
  gantry_error error{};
  error.struct_size = sizeof error;
  core.loop.run_at(Place::at_control(), [&](const gantry_call&) {
    const gantry_status status = instance.module->create(&instance.host, &instance.self, &error);
    if (status == GANTRY_OK && instance.self) return;
    instance.self = nullptr;
    throw std::runtime_error(instance.name + " could not be created: " + error.text);
  });
}

// Nothing of it is called any more; what it was promised comes now.
void end(InstanceState& instance, bool started) {
  Core& core = *instance.core;
  core.requests.refuse_open(instance);
  core.promises.cancel_all(instance);
  core.loop.run_until_idle();
  if (started)
    core.loop.run_at(Place::at_control(),
                     [&](const gantry_call&) { instance.module->stop(instance.self); });
  for (const std::string& what : core.promises.open_of(instance))
    core.breach(instance.name + " asked for " + what + " while it was stopping");
  core.promises.cancel_all(instance);
  core.loop.run_until_idle();
  instance.running = false;
  for (const Binding& binding : instance.bindings)
    if (binding.open_leases > 0)
      core.breach(instance.name + " has not left " + std::to_string(binding.open_leases) +
                  " calls of " + binding.id);
  core.loop.run_at(Place::at_control(),
                   [&](const gantry_call&) { instance.module->destroy(instance.self); });
  instance.self = nullptr;
  instance.bindings.clear();
}

}  // namespace

void run_step(InstanceState& instance, const char* what, Step step) {
  Core& core = *instance.core;
  gantry_error error{};
  error.struct_size = sizeof error;
  core.step = {core.step.token + 1, true, GANTRY_OK, {}};
  gantry_status status = GANTRY_OK;
  core.loop.run_at(Place::at_control(), [&](const gantry_call&) {
    status = step(instance.self, core.step.token, &error);
  });
  if (status == GANTRY_PENDING) {
    core.loop.run_until_idle();
    if (core.step.pending)
      throw std::runtime_error(instance.name + ": " + what +
                               " is pending, and nothing is left that could end it");
    status = core.step.status;
    set_error(&error, status, core.step.text);
  }
  core.step.pending = false;
  if (status != GANTRY_OK)
    throw std::runtime_error(instance.name + ": " + what + " failed with status " +
                             std::to_string(status) + ": " + error.text);
}

void start_all(Core& core) {
  check_needs(core);
  check_claims(core);
  core.requests.connect();
  const std::vector<InstanceState*> order = start_order(core);
  try {
    for (InstanceState& instance : core.instances) create(instance);
    for (InstanceState* instance : order) {
      core.started.push_back(instance);
      run_step(*instance, "start", instance->module->start);
      instance->running = true;
    }
    core.put_hooks.start();
    core.index_codes.start();
    core.dispatch.start();
  } catch (...) {
    stop_all(core, false);
    throw;
  }
  core.is_started = true;
}

void stop_all(Core& core, bool drain) {
  for (MetadataStore* store : core.stores) drain ? store->release() : store->lose_held();
  for (Broker* broker : core.brokers) drain ? broker->release() : broker->lose_held();
  if (drain) core.loop.run_until_idle();
  for (auto at = core.started.rbegin(); at != core.started.rend(); ++at) {
    InstanceState& instance = **at;
    if (drain && instance.running) {
      core.requests.hand_back_parked(instance);
      core.loop.run_until_idle();
      try {
        run_step(instance, "drain", instance.module->drain);
      } catch (const std::runtime_error& failed) {
        core.breach(failed.what());
      }
    }
  }
  core.dispatch.stop();
  core.index_codes.stop();
  for (auto at = core.started.rbegin(); at != core.started.rend(); ++at) end(**at, true);
  for (InstanceState& instance : core.instances)
    if (instance.self) end(instance, false);
  core.put_hooks.stop();
  core.started.clear();
  core.is_started = false;
  for (std::string& leak : core.buffers.leaks()) core.breach(std::move(leak));
  for (const Filter* filter : core.filters) {
    if (filter->live() == 0) continue;
    core.breach(std::to_string(filter->live()) + " filter programs not released");
  }
}

}  // namespace gantry::sdk::fake
