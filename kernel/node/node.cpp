#include "node/node.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/logging.hpp"
#include "commitlog/commit_log.hpp"
#include "config/node_config.hpp"
#include "dispatch/records.hpp"
#include "dispatch/requests.hpp"
#include "net/network.hpp"
#include "node/advertise.hpp"
#include "node/code_owners.hpp"
#include "node/crash_report.hpp"
#include "node/log_events.hpp"
#include "node/safe_mode.hpp"
#include "plugin/guard.hpp"
#include "plugin/host.hpp"
#include "plugin/index_codes.hpp"
#include "plugin/put_hooks.hpp"
#include "plugin/watchdog.hpp"
#include "runtime/runtime.hpp"

namespace gantry::node {

namespace fs = std::filesystem;

namespace {
constexpr auto shutdown_grace = std::chrono::seconds(5);

uint32_t marks_of(const config::List& names) {
  uint32_t marks = 0;
  for (const std::string& name : names) {
    if (name == "written") marks |= mark_bit(commitlog::Mark::written);
    if (name == "durable") marks |= mark_bit(commitlog::Mark::durable);
    if (name == "replicated") marks |= mark_bit(commitlog::Mark::replicated);
  }
  return marks;
}

}  // namespace

// In the order they are made; destroyed in reverse.
struct Node::Parts {
  SystemClock clock;
  std::optional<config::Document> document;
  config::NodeConfig config;
  fs::path root;
  std::unique_ptr<runtime::Runtime> runtime;
  std::unique_ptr<commitlog::CommitLog> log;
  std::unique_ptr<LogEvents> log_events;
  std::unique_ptr<dispatch::RecordDispatcher> records;
  dispatch::Router router;
  std::unique_ptr<dispatch::Requests> requests;
  std::unique_ptr<net::Network> network;
  std::vector<DoorFacts> doors;
  plugin::HostContext context;
  plugin::PutHooks put_hooks;
  plugin::PluginHost plugins;
  std::unique_ptr<plugin::IndexNumbers> numbers;
  std::optional<plugin::IndexCodes> codes;
  std::optional<plugin::Watchdog> watchdog;
  SafeMode safe_mode;
  std::string name;
  bool ready = false;
  bool runtime_started = false;
  bool log_started = false;
};

Node::Node(std::function<void(const std::string&)> failed, Process process,
           std::function<bool()> called_off)
    : failed_(std::move(failed)), process_(process), called_off_(std::move(called_off)) {}
Node::~Node() { stop(); }

const std::vector<DoorFacts>& Node::doors() const { return parts_->doors; }
const std::string& Node::name() const { return parts_->name; }

Outcome<void> Node::check(const fs::path& configuration) {
  Outcome<config::Document> document = config::Document::load(configuration);
  if (!document) return document.error();
  Outcome<config::NodeConfig> config = config::NodeConfig::read(*document);
  if (!config) return config.error();
  plugin::PluginHost plugins;
  if (Outcome<void> loaded = plugins.load(*document, *config); !loaded) return loaded.error();
  for (const config::DoorConfig& door : config->doors) {
    for (const std::string& name : door.handlers) {
      if (plugins.will_handle(name)) continue;
      return fail(fmt::format("{}: door {}: its handler {} is no instance that handles requests",
                              document->file(), door.name, name));
    }
  }
  return {};
}

Outcome<void> Node::start(const fs::path& configuration) {
  parts_ = std::make_unique<Parts>();
  Outcome<void> built = build(configuration);
  if (!built) {
    const Failure why = built.error();
    stop();
    return why;
  }
  return {};
}

Outcome<void> Node::build(const fs::path& configuration) {
  Parts& parts = *parts_;
  Outcome<config::Document> document = config::Document::load(configuration);
  if (!document) return document.error();
  parts.document.emplace(std::move(*document));
  Outcome<config::NodeConfig> config = config::NodeConfig::read(*parts.document);
  if (!config) return config.error();
  parts.config = std::move(*config);
  parts.name = fmt::format("{} of {}", parts.config.broker, parts.config.cluster);
  std::error_code error;
  fs::create_directories(parts.config.data_dir, error);
  parts.root = fs::absolute(parts.config.data_dir, error).lexically_normal();
  if (error || !fs::is_directory(parts.root)) {
    return fail(fmt::format("node.data_dir = \"{}\": cannot be made: {}", parts.config.data_dir,
                            error.message()));
  }
  parts.safe_mode = SafeMode::load(parts.root, parts.config.crashes_max);
  if (process_ == Process::own) crash::report_signals(parts.root);
  parts.plugins.leave_out(parts.safe_mode.left_out());
  if (Outcome<void> loaded = parts.plugins.load(*parts.document, parts.config); !loaded) {
    return loaded.error();
  }
  runtime::Runtime::Options options;
  options.shards = static_cast<uint32_t>(parts.config.shards);
  options.workers.threads = static_cast<uint32_t>(parts.config.workers);
  parts.runtime = std::make_unique<runtime::Runtime>(options, parts.clock);
  if (Outcome<void> opened = open_log(); !opened) return opened.error();
  parts.requests = std::make_unique<dispatch::Requests>(*parts.runtime, parts.router,
                                                        parts.log_events.get());
  if (parts.log) parts.log_events->connect(*parts.records, *parts.requests);
  parts.runtime->start();
  parts.runtime_started = true;
  net::raise_open_files_limit();
  parts.network = std::make_unique<net::Network>(*parts.runtime, *parts.requests);
  if (Outcome<void> bound = bind_doors(); !bound) return bound.error();
  if (Outcome<void> started = start_modules(); !started) return started.error();
  if (Outcome<void> routed = route(); !routed) return routed.error();
  if (Outcome<void> started = start_log(); !started) return started.error();
  start_watchdog();
  if (Outcome<void> accepted = parts.network->accept(); !accepted) return accepted.error();
  parts.ready = true;
  return {};
}

void Node::start_watchdog() {
  Parts& parts = *parts_;
  std::vector<const plugin::CrumbTrail*> trails(parts.runtime->shard_count());
  for (uint32_t shard = 0; shard < trails.size(); ++shard) {
    parts.runtime->shard(shard).run_and_wait([&] { trails[shard] = &plugin::crumb_trail(); });
  }
  const bool own = process_ == Process::own;
  parts.watchdog.emplace(std::move(trails), static_cast<uint64_t>(parts.config.stall_ms),
                         [this, own](const std::string& what, const plugin::Crumb& crumb) {
                           logging::error("node", "{}", what);
                           if (own) crash::die(what, crumb);
                           if (failed_) failed_(what);
                         });
  parts.watchdog->start();
}

Outcome<void> Node::open_log() {
  Parts& parts = *parts_;
  if (!parts.plugins.wants_log()) return {};
  const config::NodeConfig& config = parts.config;
  commitlog::Options options;
  options.data_dir = parts.root.string();
  options.segment_bytes = static_cast<uint64_t>(config.segment_bytes);
  options.flush = config.sync_flush ? commitlog::Flush::sync : commitlog::Flush::async;
  options.flush_interval_ms = static_cast<uint32_t>(config.flush_interval_ms);
  options.warm_ahead_bytes = static_cast<uint64_t>(config.warm_ahead_bytes);
  options.message_bytes_max = static_cast<uint64_t>(config.message_bytes_max);
  options.visible_after = marks_of(config.visible_after);
  options.clock = &parts.clock;
  Outcome<std::unique_ptr<commitlog::CommitLog>> log =
      commitlog::CommitLog::open(std::move(options));
  if (!log) return log.error();
  parts.log = std::move(*log);
  parts.log_events = std::make_unique<LogEvents>(*parts.log, failed_);
  dispatch::RecordDispatcher::Options dispatch_options;
  dispatch_options.kick = config.sync_flush;
  dispatch_options.lag_bytes_max = config.lag_bytes_max;
  dispatch_options.called_off = called_off_;
  parts.records = std::make_unique<dispatch::RecordDispatcher>(
      *parts.runtime, *parts.log, *parts.log_events, dispatch_options);
  return {};
}

Outcome<void> Node::bind_doors() {
  Parts& parts = *parts_;
  for (const config::DoorConfig& door : parts.config.doors) {
    net::DoorOptions options;
    options.name = door.name;
    options.address = door.address;
    options.frame_bytes_max = static_cast<uint64_t>(door.frame_bytes_max);
    options.idle_ms = static_cast<uint64_t>(door.idle_ms);
    options.write_queue_bytes_max = static_cast<uint64_t>(door.write_queue_bytes_max);
    options.connections_max = static_cast<uint32_t>(door.connections_max);
    Outcome<net::Door*> bound = parts.network->bind(std::move(options));
    if (!bound) return bound.error();
    const std::string address = (*bound)->address();
    Outcome<std::string> dialled = advertised(door.advertise, address);
    if (!dialled) return fail(fmt::format("door {}: {}", door.name, dialled.error().text));
    if (!is_loopback(address)) {
      logging::warn("node",
                    "door {} on {} is open to the network and no access module is loaded: "
                    "everything is allowed to everybody",
                    door.name, address);
    }
    parts.doors.push_back({door.name, address, *dialled});
    parts.router.add_door(door.name, door.except);
  }
  return {};
}

Outcome<void> Node::start_modules() {
  Parts& parts = *parts_;
  parts.context = {&parts.clock,
                   parts.runtime.get(),
                   parts.requests.get(),
                   &parts.network->sessions(),
                   parts.log.get(),
                   parts.records.get(),
                   &parts.plugins.directory(),
                   &parts.put_hooks,
                   &parts.network->peers(),
                   failed_,
                   called_off_,
                   static_cast<uint64_t>(parts.config.end_ms_max),
                   &parts.plugins.roster()};
  if (Outcome<void> created =
          parts.plugins.create(parts.context, parts.root, parts.runtime->shard_count());
      !created) {
    return created.error();
  }
  parts.plugins.tell_all("node.cluster", config::Value(parts.config.cluster));
  parts.plugins.tell_all("node.broker", config::Value(parts.config.broker));
  parts.plugins.tell_all("node.broker_id", config::Value(parts.config.broker_id));
  parts.plugins.tell_all("node.data_dir", config::Value(parts.root.string()));
  parts.plugins.tell_all("node.message_bytes_max", config::Value(parts.config.message_bytes_max));
  for (const DoorFacts& door : parts.doors) {
    parts.plugins.tell_all(fmt::format("door.{}.advertise", door.name),
                           config::Value(door.advertised));
  }
  if (Outcome<void> started = parts.plugins.start(); !started) return started.error();
  return parts.put_hooks.resolve(parts.plugins.directory(),
                                 static_cast<uint64_t>(parts.config.message_bytes_max),
                                 parts.clock);
}

Outcome<void> Node::route() {
  Parts& parts = *parts_;
  for (uint32_t number = 0; number < parts.config.doors.size(); ++number) {
    const config::DoorConfig& door = parts.config.doors[number];
    for (const std::string& name : door.handlers) {
      if (parts.plugins.is_left_out(name)) {
        logging::error("node", "door {} goes without its handler {}", door.name, name);
        continue;
      }
      dispatch::RequestHandler* handler = parts.plugins.handler(name);
      const plugin::Instance* instance = parts.plugins.find(name);
      if (!handler || !instance->running()) {
        return fail(fmt::format("{}: door {}: its handler {} is not running",
                                parts.document->file(), door.name, name));
      }
      if (Outcome<void> added = parts.router.add_handler(number, *handler); !added) {
        return added.error();
      }
    }
  }
  return {};
}

Outcome<void> Node::start_log() {
  Parts& parts = *parts_;
  if (!parts.log) return {};
  const bool replicated = parts.log->visible_after() & mark_bit(commitlog::Mark::replicated);
  if (replicated && !parts.log->replicated_claimed()) {
    logging::warn("node", "dispatch.visible_after has \"replicated\", but no module replicates: "
                          "messages count as replicated once they are written");
  }
  Outcome<plugin::Binding*> index =
      parts.plugins.directory().bind(GANTRY_CAP_QUEUE_INDEX, "");
  if (index) {
    parts.numbers = std::make_unique<plugin::IndexNumbers>(**index, parts.clock);
    parts.log->set_number_source(parts.numbers->source());
  } else {
    logging::warn("node", "no module offers {}: appends that need numbers are refused",
                  GANTRY_CAP_QUEUE_INDEX);
  }
  parts.codes.emplace(parts.clock);
  if (Outcome<void> collected = parts.codes->collect(parts.plugins.directory()); !collected) {
    return collected.error();
  }
  if (Outcome<void> kept = keep_code_owners(); !kept) return kept.error();
  if (!parts.codes->empty()) parts.records->set_codes(*parts.codes);
  for (const auto& consumer : parts.plugins.consumers()) parts.records->add(*consumer);
  if (Outcome<void> replayed = parts.records->replay(); !replayed) return replayed.error();
  parts.log->start();
  parts.log_started = true;
  parts.records->start();
  return {};
}

// Before any record gets such a code. A damaged file is written anew: what it told is lost, and
// that costs a later `gantry verify` its explanation only.
Outcome<void> Node::keep_code_owners() {
  Parts& parts = *parts_;
  if (parts.codes->empty()) return {};
  Outcome<CodeOwners> known = CodeOwners::load(parts.root);
  if (!known) logging::warn("node", "{}: it is written anew", known.error().text);
  CodeOwners owners = known ? std::move(*known) : CodeOwners();
  return owners.add(parts.codes->owners(), parts.root);
}

// Modules have drained: who still has no answer gets none.
void Node::tell_unanswered() const {
  for (const auto& [handler, count] : parts_->requests->unanswered()) {
    logging::warn("node", "{} never answered {} requests that it kept", handler, count);
  }
}

void Node::stop() {
  if (!parts_) return;
  Parts& parts = *parts_;
  if (parts.network) {
    parts.network->close_listening();
    parts.plugins.quiesce();
    parts.network->stop_serving();
    parts.requests->hand_back_parked();
    parts.plugins.drain();
    tell_unanswered();
    parts.network->shutdown(shutdown_grace);
  }
  if (parts.log_started) {
    if (Outcome<void> stopped = parts.log->stop(); !stopped) {
      logging::error("node", "{}", stopped.error().text);
    }
    parts.records->stop();
  }
  if (parts.watchdog) parts.watchdog->stop();
  parts.plugins.stop();
  if (parts.runtime_started) parts.runtime->stop();
  if (parts.ready) parts.safe_mode.stopped_well();
  parts_.reset();
}

}  // namespace gantry::node
