// HookNode: a plugin host with scripted put hooks and index codes, and a real log in a temporary
// folder; no threads of its own. Puts go the way a module's do.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cpp/capabilities.hpp"
#include "dispatch/records.hpp"
#include "plugin/host.hpp"
#include "plugin/index_codes.hpp"
#include "plugin/put_run.hpp"
#include "plugin/services.hpp"
#include "plugin/views.hpp"
#include "runtime/runtime.hpp"

namespace gantry::testing {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

// What an instance does, by its name. Reset by each case.
struct HookScript {
  std::function<gantry_status(const gantry_call&, const gantry_put&, sdk::PutEdit&)> before;
  std::function<void(const gantry_call&, const gantry_put&, const gantry_put_result&)> appended;
  std::function<int64_t(const gantry_call&, const gantry_message&)> code;
};
inline std::map<std::string, HookScript, std::less<>> hook_scripts;
inline Texts hook_journal;  // "<instance> before" and "<instance> appended"
inline const gantry_host* hook_host = nullptr;  // of the last instance, to call services

class Hook : public sdk::Module {
 public:
  explicit Hook(const gantry_host* host) : Module(host), script_(hook_scripts[name()]) {
    hook_host = host;
  }
  gantry_status before(const gantry_call& call, const gantry_put& put, sdk::PutEdit& edit) {
    hook_journal.push_back(name() + " before");
    return script_.before ? script_.before(call, put, edit) : GANTRY_OK;
  }
  void appended(const gantry_call& call, const gantry_put& put, const gantry_put_result& result) {
    hook_journal.push_back(name() + " appended");
    if (script_.appended) script_.appended(call, put, result);
  }
  int64_t code(const gantry_call& call, const gantry_message& message) {
    return script_.code ? script_.code(call, message) : 0;
  }

 private:
  std::string name() const { return std::string(host_.name()); }
  HookScript& script_;
};

inline constexpr gantry_str delay_names[] = {sdk::str("DELAY"), sdk::str("PGROUP")};
inline constexpr gantry_str half_names[] = {sdk::str("TRAN_MSG")};
inline constexpr gantry_str scheduled_topics[] = {sdk::str("SCHEDULED"), sdk::str("TIMED")};
inline constexpr const char* after_late[] = {"late", nullptr};
inline constexpr const char* after_early[] = {"early", nullptr};

inline constexpr gantry_put_hook every_table = sdk::put_hook<Hook>();
inline constexpr gantry_put_hook delay_table = sdk::put_hook<Hook>(delay_names);
inline constexpr gantry_put_hook half_table = sdk::put_hook<Hook>(half_names);
inline constexpr gantry_index_code code_table = sdk::index_code<Hook>(scheduled_topics);

inline constexpr gantry_offer every_offer = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &every_table);
inline constexpr gantry_offer early_offer =
    sdk::offer(GANTRY_CAP_PUT_HOOK, "", &every_table, after_late);
inline constexpr gantry_offer late_offer =
    sdk::offer(GANTRY_CAP_PUT_HOOK, "", &every_table, after_early);
inline constexpr gantry_offer delay_offer = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &delay_table);
inline constexpr gantry_offer half_offer = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &half_table);
inline constexpr gantry_offer code_offer = sdk::offer(GANTRY_CAP_INDEX_CODE, "", &code_table);
inline constexpr const gantry_offer* every_offers[] = {&every_offer};
inline constexpr const gantry_offer* early_offers[] = {&early_offer};
inline constexpr const gantry_offer* late_offers[] = {&late_offer};
inline constexpr const gantry_offer* delay_offers[] = {&delay_offer};
inline constexpr const gantry_offer* half_offers[] = {&half_offer};
inline constexpr const gantry_offer* code_offers[] = {&code_offer};

inline constexpr gantry_module every_module =
    sdk::module<Hook>({.name = "every", .offers = every_offers});
inline constexpr gantry_module early_module =  // runs behind an instance called late
    sdk::module<Hook>({.name = "behind_late", .offers = early_offers});
inline constexpr gantry_module late_module =
    sdk::module<Hook>({.name = "behind_early", .offers = late_offers});
inline constexpr gantry_module delay_module =
    sdk::module<Hook>({.name = "delay", .offers = delay_offers});
inline constexpr gantry_module half_module =
    sdk::module<Hook>({.name = "half", .offers = half_offers});
inline constexpr gantry_module code_module =
    sdk::module<Hook>({.name = "codes", .offers = code_offers});
inline constexpr gantry_module plain_module = sdk::module<Hook>({.name = "plain"});
inline constexpr const gantry_module* hook_modules[] = {
    &every_module, &early_module, &late_module, &delay_module,
    &half_module,  &code_module,  &plain_module};
inline constexpr gantry_plugin hook_plugin = sdk::plugin("org.gantry.hooks", "1.0", hook_modules);

// A put of records of one queue.
class Records {
 public:
  explicit Records(std::string topic, Texts properties = {""})
      : topic_(std::move(topic)), properties_(std::move(properties)) {
    static constexpr uint8_t host[] = {127, 0, 0, 1, 0, 0, 0x2A, 0x9F};
    for (const std::string& text : properties_) {
      gantry_message record{};
      record.struct_size = sizeof record;
      record.topic = sdk::str(topic_);
      record.body = sdk::bytes(std::string_view("body"));
      record.property_text = sdk::str(text);
      record.born_host = record.store_host = {host, sizeof host};
      records_.push_back(record);
    }
    put.struct_size = sizeof put;
    put.count = static_cast<uint32_t>(records_.size());
    put.stride = sizeof(gantry_message);
    put.records = records_.data();
    put.span = 1;
  }
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;
  gantry_message& operator[](size_t index) { return records_[index]; }

  gantry_put put{};

 private:
  const std::string topic_;
  const Texts properties_;
  std::vector<gantry_message> records_;
};

// An arena and an error record, as the host gives them to a call.
struct TestCall {
  TestCall() {
    error.struct_size = sizeof error;
    call = {sizeof call, 3, 1'234, 5'678, 0, reinterpret_cast<gantry_arena*>(&arena), &error};
  }
  dispatch::Arena arena;
  gantry_error error{};
  gantry_call call{};
};

class HookNode final : public dispatch::DispatchEvents {
 public:
  HookNode() : codes(clock), runtime_({1, {1, 100}}, clock) {
    hook_scripts.clear();
    hook_journal.clear();
    std::string name = (fs::temp_directory_path() / "gantry-hooks-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    root_ = name;
  }
  ~HookNode() override {
    host.stop();
    records_.reset();
    log.reset();
    fs::remove_all(root_);
  }

  // Instances, each "name" of the module called so, or "name = module".
  // Each "instance", "instance = module", or one of them and "; key = value" of its table.
  Outcome<void> start(const Texts& instances) {
    open_log();
    std::string toml = "[node]\ndata_dir = \"d\"\n[plugin]\nexperimental = true\n";
    for (const std::string& text : instances) {
      const size_t end = std::min(text.find("; "), text.size());
      const std::string instance = text.substr(0, end);
      std::string keys = text.substr(end);
      std::replace(keys.begin(), keys.end(), ';', '\n');
      const size_t split = instance.find(" = ");
      const std::string name = instance.substr(0, split);
      const std::string module = split == std::string::npos ? name : instance.substr(split + 3);
      toml += "[plugins." + name + "]\nmodule = \"" + module + "\"\n" + keys + "\n";
    }
    auto document = config::Document::parse(toml, "t.toml");
    REQUIRE(document.has_value());
    auto node = config::NodeConfig::read(*document);
    REQUIRE(node.has_value());
    adopt(toml);
    REQUIRE(host.load(*document, *node).has_value());
    context_ = {&clock,         &runtime_, nullptr, nullptr, log.get(), records_.get(),
                &host.directory(), &hooks,    nullptr,
                [this](const std::string& why) { node_failed = why; }};
    REQUIRE(host.create(context_, root_, 1).has_value());
    REQUIRE(host.start().has_value());
    if (Outcome<void> collected = codes.collect(host.directory()); !collected) return collected;
    return hooks.resolve(host.directory(), body_bytes_max, clock);
  }

  gantry_status append(const gantry_put& put, const gantry_call* call = nullptr) {
    result = {};
    result.struct_size = sizeof result;
    return plugin::commitlog_service().append(hook_host, call, &put, &result);
  }

  // What is in the log: "topic/queue properties body" of each record, 0x01 as = and 0x02 as ;.
  Texts stored() const {
    std::vector<commitlog::RecordView> views(64);
    commitlog::RecordRun run;
    REQUIRE_FALSE(log->next_records(LogOffset(0), {}, views, run));
    Texts out;
    for (uint32_t i = 0; i < run.count; ++i) {
      const commitlog::RecordView& view = views[i];
      std::string text(view.property_text.view());
      std::replace(text.begin(), text.end(), '\x01', '=');
      std::replace(text.begin(), text.end(), '\x02', ';');
      out.push_back(std::string(view.topic.view()) + "/" + std::to_string(view.queue_id) + " " +
                    text + " " + std::string(view.body.begin(), view.body.end()));
    }
    return out;
  }

  uint64_t calls(const std::string& instance, const gantry_offer& offer) {
    return host.directory().bind(*host.find(instance), offer).guard->figures().calls;
  }

  void indexed(uint32_t) override {}
  void consumer_failed(const std::string&) override {}

  static constexpr uint64_t body_bytes_max = 100'000;
  ManualClock clock{1'700'000'000'000};
  std::unique_ptr<commitlog::CommitLog> log;
  plugin::PluginHost host;
  plugin::PutHooks hooks;
  plugin::IndexCodes codes;
  gantry_put_result result{};
  std::string node_failed;  // why the node would have ended

 private:
  // Only the modules the configuration speaks of.
  void adopt(const std::string& toml) {
    for (const gantry_module* module : hook_modules) {
      if (toml.find("\"" + std::string(module->name) + "\"") != std::string::npos) {
        modules_.push_back(module);
      }
    }
    plugin_ = hook_plugin;
    plugin_.modules = modules_.data();
    plugin_.module_count = static_cast<uint32_t>(modules_.size());
    REQUIRE(host.adopt(plugin_, "x.so").has_value());
  }
  void open_log() {
    commitlog::Options options;
    options.data_dir = root_.string();
    options.segment_bytes = 1 << 20;
    options.warm_ahead_bytes = 1 << 20;
    options.message_bytes_max = body_bytes_max;
    options.clock = &clock;
    auto opened = commitlog::CommitLog::open(options);
    REQUIRE(opened.has_value());
    log = std::move(*opened);
    log->set_number_source({[](void*, Text, int32_t, QueueOffset& next) {
                              next = QueueOffset(0);
                              return ErrorCode();
                            },
                            nullptr});
    records_ = std::make_unique<dispatch::RecordDispatcher>(
        runtime_, *log, *this, dispatch::RecordDispatcher::Options());
  }

  runtime::Runtime runtime_;
  fs::path root_;
  plugin::HostContext context_;
  std::unique_ptr<dispatch::RecordDispatcher> records_;
  std::vector<const gantry_module*> modules_;
  gantry_plugin plugin_{};
};

}  // namespace gantry::testing
