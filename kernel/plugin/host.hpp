// PluginHost: loads libraries, makes the configured instances, starts them in the order of needs and
// ends them in reverse. Owned by the node; control thread only.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/document.hpp"
#include "config/node_config.hpp"
#include "plugin/adapters.hpp"
#include "plugin/bindings.hpp"
#include "plugin/library.hpp"
#include "plugin/roster.hpp"

namespace gantry::plugin {

// Where libraries are when configuration doesn't say.
std::filesystem::path default_directory();

class PluginHost {
 public:
  PluginHost();
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  // Before load(): instances that are not made and libraries that are not mapped, unless they are
  // required, and why.
  void leave_out(std::map<std::string, std::string> instances) { left_out_ = std::move(instances); }
  bool is_left_out(const std::string& instance) const;

  // Maps the libraries of plugin.load and reads [plugins.*]. What is refused is a Failure if its
  // instance is required, else a logged reason.
  Outcome<void> load(const config::Document& document, const config::NodeConfig& config);
  // A plugin linked into the program: for tests.
  Outcome<void> adopt(const gantry_plugin& plugin, const std::string& name);

  bool wants_log() const;  // does any planned instance consume or need the log
  // Whether an instance of this name is planned, of a module that offers to handle requests.
  bool will_handle(std::string_view instance) const;

  // Makes the instances: folders, settings, create. `context` outlives the host.
  Outcome<void> create(const HostContext& context, const std::filesystem::path& root,
                       uint32_t shard_count);
  // For a tool on a stopped node's folder: makes those instances that offer `capability` and aren't
  // made yet, and no folder. They are never started.
  Outcome<void> create_offering(std::string_view capability, const HostContext& context,
                                const std::filesystem::path& root);
  // Values every instance may ask for: node.*, door.<name>.advertise. Before start.
  void tell_all(const std::string& key, const config::Value& value);

  Outcome<void> start();
  void quiesce();
  void drain();
  void stop();

  Instance* find(std::string_view name) const;
  // Null when the instance doesn't run or handles no requests.
  dispatch::RequestHandler* handler(std::string_view instance);
  const std::vector<std::unique_ptr<ConsumerAdapter>>& consumers();
  Directory& directory() { return directory_; }
  const Roster& roster() const { return roster_; }
  const std::vector<std::unique_ptr<Library>>& libraries() const { return libraries_; }

 private:
  struct Plan {  // an instance to be made
    std::string name;
    const gantry_module* module;
    std::string library;
    bool required;
    SettingValues settings;
    dispatch::ConsumerPolicy policy;
    GuardPolicy guard;
  };
  struct Refused {
    std::string name;  // the file's, without folder and ending
    std::string file;
    std::string why;
    bool left_out;  // it crashed whoever loaded it
  };
  Outcome<void> plan(const config::Document& document, bool experimental);
  Outcome<Plan> plan_one(const config::Document& document, const std::string& name,
                         const std::string& module_name) const;
  Outcome<void> check_claims() const;
  std::filesystem::path folder_path(const Plan& plan, const std::filesystem::path& root) const;
  Outcome<std::string> folder_of(const Plan& plan, const std::filesystem::path& root) const;
  bool leaves_out_library(const std::filesystem::path& file, bool required);
  void tell_held_buffers() const;
  // The library that has a module of this name; null: none does.
  const Library* library_with(std::string_view module) const;
  Roster::Entry entry_of(const config::Document& document, const std::string& name,
                         const std::string& module) const;
  void add_libraries_refused();
  std::vector<Instance*> start_order() const;
  bool needs_met(const Instance& instance, std::string& missing) const;

  std::map<std::string, std::string> left_out_;
  bool libraries_left_out_ = false;
  std::vector<std::unique_ptr<Library>> libraries_;
  std::vector<Refused> refused_;  // libraries that are not mapped
  std::vector<Plan> plans_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<Instance*> started_;  // in start order
  std::vector<std::unique_ptr<HandlerAdapter>> handlers_;
  std::vector<std::unique_ptr<ConsumerAdapter>> consumers_;
  Directory directory_;
  Roster roster_;
};

}  // namespace gantry::plugin
