#include "plugin/instance.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/logging.hpp"
#include "plugin/barrier.hpp"
#include "plugin/plan.hpp"
#include "plugin/services.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {
namespace {

using std::chrono::steady_clock;

constexpr auto report_interval = std::chrono::seconds(1);
constexpr auto look_interval = std::chrono::milliseconds(50);  // whether the node is to stop

}  // namespace

Instance::Instance(Facts facts, const HostContext& context, uint32_t shard_count)
    : facts_(std::move(facts)), context_(context) {
  make_guards();
  host_.struct_size = sizeof host_;
  host_.shard_count = shard_count;
  host_.context = this;
  host_.instance_name = str(facts_.name);
  host_.data_dir = str(facts_.data_dir);
  host_.service = [](const gantry_host* host, const char* id) -> const void* {
    return find_service(of(host), id);
  };
  host_.complete = [](const gantry_host* host, gantry_token token, gantry_status status,
                      const gantry_error* error) { of(host).completed(token, status, error); };
}

Instance::~Instance() {
  if (self_) stop();
}

void Instance::make_guards() {
  const auto fail_node = [this](const std::string& why) {
    if (context_.fail_node) context_.fail_node(why);
  };
  GuardPolicy patient = facts_.guard;  // its calls are made whatever became of earlier ones
  patient.limit_ns = 0;
  patient.faults_max = 0;
  for (uint32_t i = 0; i < module().offer_count; ++i) {
    const char* capability = module().offers[i]->id;
    guards_.push_back(std::make_unique<Guard>(facts_.name, capability,
                                              trips(capability) ? facts_.guard : patient,
                                              *context_.clock, fail_node));
    guards_.back()->runs(false);
  }
  guards_.push_back(
      std::make_unique<Guard>(facts_.name, "itself", patient, *context_.clock, fail_node));
}

// Calls into offers are turned away while it doesn't run.
void Instance::set_running(bool running) {
  running_.store(running, std::memory_order_release);
  for (const auto& guard : guards_) {
    if (guard.get() != &own_guard()) guard->runs(running);
  }
}

Guard& Instance::guard(const gantry_offer& offer) {
  for (uint32_t i = 0; i < module().offer_count; ++i) {
    if (module().offers[i] == &offer) return *guards_[i];
  }
  return own_guard();
}

bool Instance::needs(std::string_view id) const {
  for (uint32_t i = 0; i < module().need_count; ++i) {
    if (id == module().needs[i]->id) return true;
  }
  return false;
}

const gantry_offer* Instance::offer(std::string_view id, std::string_view name) const {
  for (uint32_t i = 0; i < module().offer_count; ++i) {
    const gantry_offer* offer = module().offers[i];
    if (id == offer->id && (name.empty() || name == offer->name || name == facts_.name)) {
      return offer;
    }
  }
  return nullptr;
}

Failure Instance::refuse(const char* what, gantry_status status, const gantry_error& error) const {
  return fail(fmt::format("{}: module {}, instance {}: {} failed with status {}: {}", library(),
                          module().name, name(), what, status,
                          error.text[0] ? error.text : "no reason given"));
}

Outcome<void> Instance::create() {
  gantry_error error = empty_error();
  gantry_status status = GANTRY_OK;
  {
    GuardedCall guarded(own_guard(), "create");
    status = guarded.came_to(
        contained(&error, [&] { return module().create(&host_, &self_, &error); }), error.text);
  }
  if (status == GANTRY_OK && self_) return {};
  self_ = nullptr;
  return refuse("create", status == GANTRY_OK ? GANTRY_FAULT : status, error);
}

Outcome<void> Instance::run(const char* what, Step step, Patience patience) {
  gantry_error error = empty_error();
  gantry_token token = 0;
  {
    const std::lock_guard lock(step_mutex_);
    token = ++step_token_;
    step_status_.reset();
    step_error_ = empty_error();
  }
  gantry_status status = GANTRY_OK;
  {
    GuardedCall guarded(own_guard(), what);
    status = guarded.came_to(contained(&error, [&] { return step(self_, token, &error); }),
                             error.text);
  }
  std::unique_lock lock(step_mutex_);
  Outcome<void> ended;
  if (status == GANTRY_PENDING) {
    ended = wait_for_step(lock, what, patience);
  } else {
    if (step_status_) ++stray_completions_;  // of a step that had not been pending
    if (status != GANTRY_OK) ended = refuse(what, status, error);
  }
  ++step_token_;  // it has ended: who completes it now is late
  return ended;
}

// Under the lock. A start may take its time, but not longer than the node is wanted; an end may not.
Outcome<void> Instance::wait_for_step(std::unique_lock<std::mutex>& lock, const char* what,
                                      Patience patience) {
  const auto began = steady_clock::now();
  const auto limit = std::chrono::milliseconds(context_.end_ms_max);
  auto report = began + report_interval;
  while (!step_done_.wait_for(lock, look_interval, [&] { return step_status_.has_value(); })) {
    const auto now = steady_clock::now();
    if (patience == Patience::limited && now - began >= limit) {
      return fail(fmt::format("{}: module {}, instance {}: {} is not over after {} ms; it goes on "
                              "without",
                              library(), module().name, name(), what, context_.end_ms_max));
    }
    if (patience == Patience::any && context_.called_off && context_.called_off()) {
      return fail(fmt::format("{}: module {}, instance {}: {} is called off: the node is to stop",
                              library(), module().name, name(), what));
    }
    if (now < report) continue;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - began).count();
    logging::info("plugin", "{}: {} is still going on after {} s", name(), what, seconds);
    report += report_interval;
  }
  return *step_status_ == GANTRY_OK ? Outcome<void>() : refuse(what, *step_status_, step_error_);
}

void Instance::completed(gantry_token token, gantry_status status, const gantry_error* error) {
  const std::lock_guard lock(step_mutex_);
  if (token != step_token_ || step_status_) {  // late or double
    ++stray_completions_;
    return;
  }
  step_status_ = status;
  if (error && GANTRY_HAS(error, gantry_error, text)) {
    step_error_.code = error->code;
    step_error_.wire_code = error->wire_code;
    std::memcpy(step_error_.text, error->text, sizeof step_error_.text - 1);
  }
  step_done_.notify_all();
}

Outcome<void> Instance::start() {
  started_ = true;
  set_running(true);
  Outcome<void> started = run("start", module().start, Patience::any);
  if (!started) set_running(false);
  return started;
}

Outcome<void> Instance::quiesce() { return run("quiesce", module().quiesce, Patience::limited); }

Outcome<void> Instance::drain() { return run("drain", module().drain, Patience::limited); }

void Instance::stop() {
  set_running(false);
  const bool settled = outstanding_.settle(context_.end_ms_max);
  gantry_error error = empty_error();
  GuardedCall guarded(own_guard(), "stop");
  gantry_instance* self = std::exchange(self_, nullptr);
  const gantry_status status = contained_void(&error, [&] {
    if (started_) module().stop(self);
    if (settled) module().destroy(self);
  });
  if (guarded.came_to(status, error.text) != GANTRY_OK) {
    logging::error("plugin", "{}: stop failed: {}", name(), error.text);
  }
  tell_of_completions(settled);
}

void Instance::tell_of_completions(bool settled) {
  if (!settled) {
    // What may still be called must not be freed: the instance is left behind.
    logging::error("plugin",
                   "{}: {} completions are still outstanding after {} ms; it is not freed", name(),
                   outstanding_.count(), context_.end_ms_max);
  }
  const std::lock_guard lock(step_mutex_);
  if (stray_completions_ == 0) return;
  logging::warn("plugin", "{}: {} completions of its start, quiesce or drain came late or twice",
                name(), stray_completions_);
}

}  // namespace gantry::plugin
