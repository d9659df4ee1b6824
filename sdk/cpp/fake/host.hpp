// Host: a node for a plugin's tests, and for tools that try a plugin: one thread, a clock the test
// moves, memory instead of files. It implements gantry_host with every service, follows the life
// cycle, and holds a module to the contract: what a module does against it is a breach, and stop()
// throws when there is one.
//
//   fake::Host host;
//   auto& ns = host.load(gantry_plugin_v1, "nameserver", {{"expiry_ms", 60000}});
//   host.start();
//   auto answer = host.request("nameserver", {.code = 105, .fields = {{"topic", "T"}}});
//   host.advance_ms(120'000);
//   host.stop();  // or the destructor
//
// Nothing runs by itself: services queue work, run_until_idle() does it in order. Everything a test
// does wrong is a std::logic_error, what a module does wrong at start a std::runtime_error.
#pragma once

#include <gantry/host/plugins.h>
#include <gantry/plugin.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/fake/broker.hpp"
#include "cpp/fake/clock.hpp"
#include "cpp/fake/completion.hpp"
#include "cpp/fake/filter.hpp"
#include "cpp/fake/library.hpp"
#include "cpp/fake/log.hpp"
#include "cpp/fake/metadata_store.hpp"
#include "cpp/fake/peer.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/fake/values.hpp"

namespace gantry::sdk::fake {

struct Core;
struct InstanceState;

struct HostOptions {
  uint32_t shard_count = 1;
  std::string cluster = "DefaultCluster";
  std::string broker = "broker-a";
  int64_t broker_id = 0;
  int64_t message_bytes_max = 4 << 20;  // what modules are told; the fake log takes 4 MiB
  // door.<name>.advertise
  std::map<std::string, std::string> advertise = {{"nameserver", "127.0.0.1:9876"},
                                                  {"broker", "127.0.0.1:10911"}};
  std::string data_dir = {};  // the store root; empty: a temporary folder, removed at the end
  Log* log = nullptr;         // borrowed; null: one of its own
  Clock* clock = nullptr;     // borrowed; null: one of its own
};

// An instance that was configured and does not run, as gantry.host.plugins tells of it.
struct Absent {
  std::string name;
  std::string trouble;
  bool left_out = false;
};

// One configured module, owned by its Host.
class Instance {
 public:
  explicit Instance(InstanceState& state) : state_(&state) {}

  const std::string& name() const;
  const std::string& data_dir() const;
  gantry_instance* self() const;    // null before start and after stop
  const gantry_host* host() const;  // what the module sees: to call services in its name

  // The table of a capability it offers, to call with self(); see Host::on_shard.
  template <class Table>
  const Table& table(const char* id, std::string_view name = "") const {
    return *static_cast<const Table*>(find(id, name));
  }
  // The same; null when it offers none.
  template <class Table>
  const Table* find_table(const char* id, std::string_view name = "") const {
    return static_cast<const Table*>(look(id, name));
  }
  bool started() const;
  // What gantry.host.plugins tells of one of its offers, the last is its life. Requests to a handler
  // are counted; the rest is for the test to fill.
  gantry_offer_figures& figures(size_t offer);
  InstanceState& state() const { return *state_; }

 private:
  const void* find(const char* id, std::string_view name) const;
  const void* look(const char* id, std::string_view name) const;
  InstanceState* state_;
};

class Host {
 public:
  explicit Host(HostOptions options = {});
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  // Stops if the test did not; throws breaches unless an exception is already on its way.
  ~Host() noexcept(false);

  // ── before start
  // Checks the settings against the module's declarations. instance: by default the module's name.
  Instance& load(const gantry_plugin& plugin, std::string_view module,
                 const Settings& settings = {}, std::string instance = {});
  void offer(std::string id, std::string name, const void* table, gantry_instance* self);
  void offer(MetadataStore& store, std::string name = {});
  void offer(Filter& filter, std::string expression_type);
  void offer(Broker& broker, std::string name = {});  // topics, groups, offsets and clients
  void absent(Absent instance);
  // A door and the instances that serve it. Every instance is also a door of its own name.
  void door(std::string name, std::vector<std::string> instances);

  // ── life cycle
  // Creates all, starts them in the order of needs, replays the log to its consumers, says live().
  // Throws with instance and reason; what had started is stopped again.
  void start();
  // Hands back parked requests, drains, cancels what is outstanding, stops and destroys, in reverse
  // order; then throws std::logic_error if there are breaches.
  void stop();
  void kill();  // stop without drain: what was not persisted is lost
  void quiesce(Instance& instance);
  void resume(Instance& instance);
  void trip(Instance& instance, bool tripped = true);  // enter() of its offers: REFUSED

  // ── time and work
  Clock& clock();
  void run_until_idle();  // jobs, due timers, completions, log dispatch
  // Moves the clock from timer to timer, each time until idle.
  void advance_ms(int64_t ms);
  // Runs body now, as the host would call a module: with arena, error record, time and budget.
  void on_shard(const std::function<void(const gantry_call&)>& body, uint32_t shard = 0);
  void on_worker(const std::function<void(const gantry_call&)>& body);

  // ── requests and sessions
  // Sends, runs until idle and returns the answer; std::logic_error when there is none.
  Answer request(std::string_view door, Request request);
  // Sends and runs until idle; the answer may come later.
  std::shared_ptr<const Exchange> send(std::string_view door, Request request);
  void close_session(gantry_session session);
  const std::vector<Push>& pushes() const;
  void answer_push(size_t index, Answer answer);
  // The node at this address. Addresses nobody asked for are doors of this host, when they are
  // advertised so, or refuse the connection.
  Peer& peer(const std::string& address);
  uint64_t late_answers() const;  // answers and completions of stale tokens: ignored and counted

  // ── the log
  Log& log();
  // persist() of a log consumer with the log's STABLE mark; returns what it says is persisted.
  int64_t persist(Instance& consumer);
  void truncate(int64_t offset);  // cuts the log and tells every consumer
  int64_t consumed(const Instance& consumer) const;
  void set_batch_records(uint32_t records);  // per consume call, 32 by default

  // ── what was seen
  const std::vector<LogLine>& lines() const;
  bool logged(std::string_view text) const;  // a line contains it
  size_t live_buffers() const;
  // Breaches so far, and forgets them: for tests of modules that misbehave on purpose.
  std::vector<std::string> take_breaches();

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace gantry::sdk::fake
