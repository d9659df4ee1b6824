#include "plugin/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/logging.hpp"
#include "plugin/plan.hpp"
#include "plugin/services.hpp"

namespace gantry::plugin {

namespace fs = std::filesystem;

fs::path default_directory() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return (executable.parent_path() / ".." / "lib" / "gantry" / "plugins").lexically_normal();
}

PluginHost::PluginHost() = default;
PluginHost::~PluginHost() = default;

Outcome<void> PluginHost::load(const config::Document& document,
                               const config::NodeConfig& config) {
  const fs::path directory = config.plugin_directory.empty() ? default_directory()
                                                             : fs::path(config.plugin_directory);
  for (const std::string& name : config.load) {
    const fs::path file = name.find('/') == std::string::npos ? directory / (name + ".so")
                                                              : fs::path(name);
    const bool required = required_in(document, "plugins." + file.stem().string());
    if (leaves_out_library(file, required)) continue;
    Outcome<std::unique_ptr<Library>> library = Library::load(file);
    if (library) {
      libraries_.push_back(std::move(*library));
      continue;
    }
    // A bad plugin never stops the boot, unless it is required.
    if (required) return library.error();
    logging::error("plugin", "{}", library.error().text);
    refused_.push_back({file.stem().string(), file.string(), library.error().text, false});
  }
  return plan(document, config.experimental);
}

// A library that crashed whoever loaded it is known by its file; its modules aren't known at all.
bool PluginHost::leaves_out_library(const fs::path& file, bool required) {
  const auto left = left_out_.find(file.string());
  if (left == left_out_.end()) return false;
  logging::error("plugin", "{}: {}{}", file.string(), left->second,
                 required ? "; but it is required, and loaded all the same" : "");
  if (required) return false;
  refused_.push_back({file.stem().string(), file.string(), left->second, true});
  libraries_left_out_ = true;
  return true;
}

Outcome<void> PluginHost::adopt(const gantry_plugin& plugin, const std::string& name) {
  Outcome<std::unique_ptr<Library>> library = Library::adopt(plugin, name);
  if (!library) return library.error();
  libraries_.push_back(std::move(*library));
  return {};
}

const Library* PluginHost::library_with(std::string_view module) const {
  for (const auto& library : libraries_) {
    if (library->module_named(module)) return library.get();
  }
  return nullptr;
}

Roster::Entry PluginHost::entry_of(const config::Document& document, const std::string& name,
                                   const std::string& module) const {
  Roster::Entry entry;
  entry.name = name;
  entry.module = module;
  entry.required = required_in(document, "plugins." + name);
  if (const Library* library = library_with(module)) {
    entry.plugin = library->plugin().id;
    entry.version = library->plugin().version;
    entry.library = library->file();
    return entry;
  }
  for (const Refused& refused : refused_) {
    if (refused.name != module) continue;
    entry.library = refused.file;
    entry.trouble = refused.why;
    entry.left_out = refused.left_out;
  }
  return entry;
}

// Those no instance was asked of by name: nobody knows which modules they would have had.
void PluginHost::add_libraries_refused() {
  for (const Refused& refused : refused_) {
    if (roster_.has_module(refused.name)) continue;
    Roster::Entry entry;
    entry.name = refused.name;
    entry.library = refused.file;
    entry.trouble = refused.why;
    entry.left_out = refused.left_out;
    roster_.add(std::move(entry));
  }
}

Outcome<PluginHost::Plan> PluginHost::plan_one(const config::Document& document,
                                               const std::string& name,
                                               const std::string& module_name) const {
  Plan plan{name, nullptr, "", false, {}, {}, {}};
  const Library* library = library_with(module_name);
  if (!library) {
    return fail(fmt::format("{}: plugins.{}: no loaded library has a module {}", document.file(),
                            name, module_name));
  }
  plan.module = library->module_named(module_name);
  plan.library = library->file();
  const std::vector<config::Key> keys = keys_of(*plan.module);
  Outcome<config::Section> section = document.section("plugins." + name, keys);
  if (!section) return section.error();
  plan.required = section->boolean("required");
  plan.settings = SettingValues(*plan.module, *section);
  plan.policy = policy_in(*plan.module, *section);
  plan.guard = guard_policy_in(*plan.module, *section);
  return plan;
}

// Instances: every [plugins.<name>], and each loaded module that no table is about.
Outcome<void> PluginHost::plan(const config::Document& document, bool experimental) {
  std::vector<std::pair<std::string, std::string>> wanted;  // instance, module
  std::set<std::string> modules;
  for (const std::string& name : document.tables("plugins")) {
    const std::string module = document.peek_text("plugins." + name, "module").value_or(name);
    wanted.emplace_back(name, module);
    modules.insert(module);
  }
  for (const auto& library : libraries_) {
    for (const gantry_module* module : library->modules()) {
      if (!modules.contains(module->name)) wanted.emplace_back(module->name, module->name);
    }
  }
  for (const auto& [name, module] : wanted) {
    Roster::Entry entry = entry_of(document, name, module);
    const auto refuse = [&](const std::string& why) {
      logging::error("plugin", "{}", why);
      if (entry.trouble.empty()) entry.trouble = why;  // else its library's is the cause
    };
    Outcome<Plan> made = plan_one(document, name, module);
    if (!made) {
      // The file names a module that is not there: its library was refused above, or never listed.
      if (library_with(module) || entry.required) return made.error();
      refuse(made.error().text);
    } else if (Outcome<void> good = check_revisions(*made->module, made->library, experimental);
               !good) {
      if (made->required) return good.error();
      refuse(good.error().text);
    } else if (const auto left = left_out_.find(name); left != left_out_.end()) {
      logging::error("plugin", "{}: {}{}", name, left->second,
                     made->required ? "; but it is required, and loaded all the same" : "");
      entry.left_out = !made->required;
      if (entry.left_out) entry.trouble = left->second;
    }
    if (entry.trouble.empty()) plans_.push_back(std::move(*made));
    roster_.add(std::move(entry));
  }
  add_libraries_refused();
  return check_claims();
}

Outcome<void> PluginHost::check_claims() const {
  std::vector<std::pair<std::string, std::string>> claimed;  // sub-folder, instance
  for (const Plan& plan : plans_) {
    if (!(plan.module->flags & GANTRY_MODULE_STORE_ROOT)) continue;
    for (const char* const* claim = plan.module->store_claims; claim && *claim; ++claim) {
      for (const auto& [folder, owner] : claimed) {
        if (folder == *claim) {
          return fail(fmt::format("{} and {} both write {} under the store root", owner, plan.name,
                                  folder));
        }
      }
      claimed.emplace_back(*claim, plan.name);
    }
  }
  return {};
}

bool PluginHost::wants_log() const {
  return std::any_of(plans_.begin(), plans_.end(), [](const Plan& plan) {
    for (uint32_t i = 0; i < plan.module->need_count; ++i) {
      const gantry_need& need = *plan.module->needs[i];
      if (need.required && std::string_view(need.id) == GANTRY_HOST_COMMITLOG) return true;
    }
    for (uint32_t i = 0; i < plan.module->offer_count; ++i) {
      if (std::string_view(plan.module->offers[i]->id) == GANTRY_CAP_LOG_CONSUMER) return true;
    }
    return false;
  });
}

bool PluginHost::will_handle(std::string_view instance) const {
  return std::any_of(plans_.begin(), plans_.end(), [&](const Plan& plan) {
    const gantry_module& module = *plan.module;
    return plan.name == instance &&
           std::any_of(module.offers, module.offers + module.offer_count,
                       [](const gantry_offer* offer) {
                         return std::string_view(offer->id) == GANTRY_CAP_REQUEST_HANDLER;
                       });
  });
}

fs::path PluginHost::folder_path(const Plan& plan, const fs::path& root) const {
  const bool store_root = (plan.module->flags & GANTRY_MODULE_STORE_ROOT) != 0;
  return store_root ? root : root / "gantry" / plan.name;
}

Outcome<std::string> PluginHost::folder_of(const Plan& plan, const fs::path& root) const {
  const fs::path folder = folder_path(plan, root);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  return Outcome<std::string>(boost::system::in_place_value, folder.string());
}

Outcome<void> PluginHost::create(const HostContext& context, const fs::path& root,
                                 uint32_t shard_count) {
  for (Plan& plan : plans_) {
    Outcome<std::string> folder = folder_of(plan, root);
    if (!folder) return folder.error();
    Instance::Facts facts{plan.name,     plan.module,        plan.library,
                          plan.required, std::move(*folder), std::move(plan.settings),
                          plan.policy,   plan.guard};
    auto instance = std::make_unique<Instance>(std::move(facts), context, shard_count);
    if (Outcome<void> made = instance->create(); !made) {
      if (instance->required()) return made.error();
      logging::error("plugin", "{}", made.error().text);
      roster_.trouble(instance->name(), made.error().text);
      continue;
    }
    directory_.add(*instance);
    roster_.made(instance->name(), *instance);
    instances_.push_back(std::move(instance));
  }
  return {};
}

Outcome<void> PluginHost::create_offering(std::string_view capability, const HostContext& context,
                                          const fs::path& root) {
  const auto offers = [&](const gantry_module& module) {
    return std::any_of(module.offers, module.offers + module.offer_count,
                       [&](const gantry_offer* offer) { return capability == offer->id; });
  };
  for (Plan& plan : plans_) {
    if (!offers(*plan.module) || find(plan.name)) continue;
    const std::string folder = folder_path(plan, root).string();
    Instance::Facts facts{plan.name,     plan.module, plan.library,
                          plan.required, folder,      std::move(plan.settings), plan.policy,
                          plan.guard};
    auto instance = std::make_unique<Instance>(std::move(facts), context, 1);
    if (Outcome<void> made = instance->create(); !made) return made.error();
    directory_.add(*instance);
    instances_.push_back(std::move(instance));
  }
  return {};
}

bool PluginHost::is_left_out(const std::string& instance) const {
  return (left_out_.contains(instance) || libraries_left_out_) && !find(instance);
}

void PluginHost::tell_all(const std::string& key, const config::Value& value) {
  for (const auto& instance : instances_) instance->settings().set(key, value);
}

bool PluginHost::needs_met(const Instance& instance, std::string& missing) const {
  for (uint32_t i = 0; i < instance.module().need_count; ++i) {
    const gantry_need& need = *instance.module().needs[i];
    if (!need.required) continue;
    const bool there = is_service(need.id) ? find_service(instance, need.id) != nullptr
                                           : !directory_.offering(need.id).empty();
    if (!there) {
      missing = need.id;
      return false;
    }
  }
  return true;
}

// Everyone behind those that offer what it needs; otherwise as configured. A circle of needs is
// broken where it is met, and whoever then misses something says so.
std::vector<Instance*> PluginHost::start_order() const {
  std::vector<Instance*> order;
  std::vector<Instance*> rest;
  for (const auto& instance : instances_) rest.push_back(instance.get());
  const auto waits_for = [](const Instance& one, const Instance& other) {
    for (uint32_t i = 0; i < one.module().need_count; ++i) {
      if (&one != &other && other.offer(one.module().needs[i]->id, "")) return true;
    }
    return false;
  };
  while (!rest.empty()) {
    auto next = std::find_if(rest.begin(), rest.end(), [&](Instance* one) {
      return std::none_of(rest.begin(), rest.end(),
                          [&](Instance* other) { return waits_for(*one, *other); });
    });
    if (next == rest.end()) next = rest.begin();
    order.push_back(*next);
    rest.erase(next);
  }
  return order;
}

Outcome<void> PluginHost::start() {
  for (Instance* instance : start_order()) {
    std::string missing;
    Outcome<void> started;
    if (!needs_met(*instance, missing)) {
      started = fail(fmt::format("{}: module {}, instance {}: nobody offers {}, which it needs",
                                 instance->library(), instance->module().name, instance->name(),
                                 missing));
    } else {
      started = instance->start();
    }
    if (started) {
      started_.push_back(instance);
      continue;
    }
    instance->stop();
    const auto& called_off = instance->context().called_off;
    if (instance->required() || (called_off && called_off())) return started.error();
    logging::error("plugin", "{}", started.error().text);
    roster_.trouble(instance->name(), started.error().text);
  }
  return {};
}

void PluginHost::quiesce() {
  for (auto at = started_.rbegin(); at != started_.rend(); ++at) {
    if (Outcome<void> done = (*at)->quiesce(); !done) logging::error("plugin", "{}", done.error().text);
  }
}

void PluginHost::drain() {
  for (auto at = started_.rbegin(); at != started_.rend(); ++at) {
    if (Outcome<void> done = (*at)->drain(); !done) logging::error("plugin", "{}", done.error().text);
  }
}

void PluginHost::stop() {
  for (auto at = started_.rbegin(); at != started_.rend(); ++at) (*at)->stop();
  started_.clear();
  tell_held_buffers();
}

void PluginHost::tell_held_buffers() const {
  int64_t held = 0;
  std::string by;
  for (const auto& instance : instances_) {
    const int64_t count = instance->held_buffers().total().buffers;
    held += count;
    if (count != 0) by += fmt::format("{}{} {}", by.empty() ? "" : ", ", instance->name(), count);
  }
  if (held == 0) return;
  logging::warn("plugin", "{} references to buffers were never given back; taken less given: {}",
                held, by);
}

Instance* PluginHost::find(std::string_view name) const {
  for (const auto& instance : instances_) {
    if (instance->name() == name) return instance.get();
  }
  return nullptr;
}

dispatch::RequestHandler* PluginHost::handler(std::string_view name) {
  for (const auto& handler : handlers_) {
    if (handler->name() == name) return handler.get();
  }
  Instance* instance = find(name);
  const gantry_offer* offer =
      instance && instance->self() ? instance->offer(GANTRY_CAP_REQUEST_HANDLER, "") : nullptr;
  if (!offer) return nullptr;
  handlers_.push_back(std::make_unique<HandlerAdapter>(*instance, *offer));
  return handlers_.back().get();
}

const std::vector<std::unique_ptr<ConsumerAdapter>>& PluginHost::consumers() {
  if (consumers_.empty()) {
    for (Instance* instance : directory_.offering(GANTRY_CAP_LOG_CONSUMER)) {
      consumers_.push_back(std::make_unique<ConsumerAdapter>(
          *instance, *instance->offer(GANTRY_CAP_LOG_CONSUMER, ""), instance->policy()));
    }
  }
  return consumers_;
}

}  // namespace gantry::plugin
