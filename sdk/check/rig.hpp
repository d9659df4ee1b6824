// Rig: one module in a fake host that offers what the module needs. Owned by a case; everything it
// lends the host outlives it. One thread.
#pragma once

#include <memory>
#include <string>

#include "check/case.hpp"
#include "check/log_index.hpp"
#include "cpp/fake/host.hpp"

namespace gantry::sdk::check {

// What outlives a node: its log and its metadata.
struct Stored {
  fake::Log log;
  fake::MetadataStore metadata;
};

struct RigOptions {
  std::string folder = "store";  // of the store root, below the subject's
  bool offers_optional = true;   // else required needs only
  fake::Settings settings = {};
  std::shared_ptr<Stored> stored = {};  // of a life before; null: a new one
};

class Rig {
 public:
  // Throws Skipped when the fake host can't hold the module.
  Rig(const gantry_plugin& plugin, const gantry_module& module, const Subject& subject,
      RigOptions options = {});
  explicit Rig(const Subject& subject, RigOptions options = {})
      : Rig(*subject.plugin, *subject.module, subject, std::move(options)) {}

  void start() { host.start(); }
  void stop() { host.stop(); }
  const gantry_module& module() const { return module_; }
  fake::Instance& instance() { return *instance_; }
  const gantry_offer* offer(std::string_view id) const;

 private:
  const gantry_module& module_;
  const gantry_module* const modules_[1];
  gantry_plugin plugin_;
  const std::shared_ptr<Stored> stored_;

 public:
  fake::Log& log;
  fake::MetadataStore& metadata;
  fake::Broker broker;
  fake::Filter filter;
  LogIndex index{log};
  fake::Host host;

 private:
  fake::Instance* instance_ = nullptr;
};

// Values for the settings that must be given.
fake::Settings required_settings(const gantry_module& module);

}  // namespace gantry::sdk::check
