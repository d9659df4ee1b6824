// Instance: one configured module: its settings, its folder, its gantry_host, its life. Owned by
// PluginHost. Life-cycle functions run on the control thread; the rest is read from any.
#pragma once

#include <gantry/plugin.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "dispatch/log_consumer.hpp"
#include "plugin/context.hpp"
#include "plugin/guard.hpp"
#include "plugin/held_buffers.hpp"
#include "plugin/outstanding.hpp"
#include "plugin/settings.hpp"

namespace gantry::plugin {

class Instance {
 public:
  struct Facts {
    std::string name;
    const gantry_module* module = nullptr;
    std::string library;  // for messages
    bool required = false;
    std::string data_dir;  // absolute, exists
    SettingValues settings;
    dispatch::ConsumerPolicy policy = {};  // as a log consumer
    GuardPolicy guard = {};                // of calls into its offers
  };
  Instance(Facts facts, const HostContext& context, uint32_t shard_count);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const std::string& name() const { return facts_.name; }
  const gantry_module& module() const { return *facts_.module; }
  const std::string& library() const { return facts_.library; }
  bool required() const { return facts_.required; }
  const dispatch::ConsumerPolicy& policy() const { return facts_.policy; }
  SettingValues& settings() { return facts_.settings; }
  const HostContext& context() const { return context_; }
  Outstanding& outstanding() { return outstanding_; }
  const Outstanding& outstanding() const { return outstanding_; }
  HeldBuffers& held_buffers() { return held_buffers_; }
  const HeldBuffers& held_buffers() const { return held_buffers_; }
  gantry_instance* self() const { return self_; }
  bool running() const { return running_.load(std::memory_order_acquire); }
  bool needs(std::string_view id) const;
  const gantry_offer* offer(std::string_view id, std::string_view name) const;

  // Of calls into this offer, one of the module's; of all other calls into the instance: its life,
  // timers, completions. They live as long as the instance.
  Guard& guard(const gantry_offer& offer);
  Guard& own_guard() { return *guards_.back(); }
  const std::vector<std::unique_ptr<Guard>>& guards() const { return guards_; }

  // [any] The mark REPLICATED is this instance's to raise.
  bool owns_replicated() const { return owns_replicated_.load(std::memory_order_acquire); }
  void own_replicated() { owns_replicated_.store(true, std::memory_order_release); }

  // Each fails with a sentence that names library, instance and reason.
  Outcome<void> create();
  Outcome<void> start();
  Outcome<void> quiesce();
  Outcome<void> drain();
  void stop();  // also destroys

  // Where a plugin's host pointer leads.
  static Instance& of(const gantry_host* host) { return *static_cast<Instance*>(host->context); }

 private:
  using Step = gantry_status (*)(gantry_instance*, gantry_token, gantry_error*);
  void make_guards();
  void set_running(bool running);
  // How long a pending step may take: any time, until the start is called off, or end_ms_max.
  enum class Patience : uint8_t { any, limited };
  Outcome<void> run(const char* what, Step step, Patience patience);
  Outcome<void> wait_for_step(std::unique_lock<std::mutex>& lock, const char* what,
                              Patience patience);
  void tell_of_completions(bool settled);
  Failure refuse(const char* what, gantry_status status, const gantry_error& error) const;
  void completed(gantry_token token, gantry_status status, const gantry_error* error);

  Facts facts_;
  const HostContext& context_;
  gantry_host host_{};
  gantry_instance* self_ = nullptr;
  bool started_ = false;
  std::atomic<bool> running_{false};
  std::atomic<bool> owns_replicated_{false};
  Outstanding outstanding_;
  HeldBuffers held_buffers_;
  std::vector<std::unique_ptr<Guard>> guards_;  // of each offer, in order, and the instance's own

  std::mutex step_mutex_;  // guards the pending life-cycle step
  std::condition_variable step_done_;
  gantry_token step_token_ = 0;
  std::optional<gantry_status> step_status_;
  gantry_error step_error_{};
  uint64_t stray_completions_ = 0;  // late, double, or of a step that was not pending
};

}  // namespace gantry::plugin
