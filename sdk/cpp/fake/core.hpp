// Core: everything behind a Host, which the services reach through gantry_host.context. Internal.
#pragma once

#include <gantry/cap/log_consumer.h>
#include <gantry/host/plugins.h>
#include <gantry/plugin.h>

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpp/fake/changes.hpp"
#include "cpp/fake/dispatch.hpp"
#include "cpp/fake/host.hpp"
#include "cpp/fake/index_codes.hpp"
#include "cpp/fake/peers.hpp"
#include "cpp/fake/promises.hpp"
#include "cpp/fake/put_hooks.hpp"
#include "cpp/fake/requests.hpp"
#include "cpp/host.hpp"

namespace gantry::sdk::fake {

// What gantry_binding points at.
struct Binding {
  Core* core = nullptr;
  std::string id;
  InstanceState* target = nullptr;  // null: a fake offer
  gantry_instance* fake_self = nullptr;
  const void* table = nullptr;
  uint64_t open_leases = 0;
};

struct InstanceState {
  Core* core = nullptr;
  const gantry_plugin* plugin = nullptr;
  const gantry_module* module = nullptr;
  std::string name;
  std::string data_dir;
  std::map<std::string, SettingValue, std::less<>> settings;
  gantry_host host{};
  gantry_instance* self = nullptr;
  bool running = false;
  bool tripped = false;
  std::vector<gantry_offer_figures> figures;  // of each offer, and its life
  int64_t held_buffers = 0;
  int64_t held_bytes = 0;
  std::list<Binding> bindings;
  Instance handle{*this};

  static InstanceState& of(const gantry_host* host) {
    return *static_cast<InstanceState*>(host->context);
  }
  const gantry_offer* offer(std::string_view id, std::string_view name = "") const;
  bool needs(std::string_view id) const;
  // References that services hand out, and take over or end: before their buffers may go.
  void took(gantry_buffer* buffer) { count(buffer, 1); }
  void gave(gantry_buffer* buffer) { count(buffer, -1); }
  void gave(const gantry_slice* slices, uint32_t slice_count) {
    for (uint32_t i = 0; i < slice_count; ++i) gave(slices[i].buffer);
  }
  void count(gantry_buffer* buffer, int references);
};

struct FakeOffer {
  std::string id;
  std::string name;
  const void* table;
  gantry_instance* self;
};

// A life-cycle step that answered PENDING.
struct LifeStep {
  gantry_token token = 0;
  bool pending = false;
  gantry_status status = GANTRY_OK;
  std::string text;
};

struct SentPush {
  uint64_t promise = 0;
  bool answered = false;
};

struct Core {
  explicit Core(HostOptions given);
  ~Core();

  // Notes what a module does against its contract.
  void breach(std::string text) { breaches.push_back(std::move(text)); }
  // Is the running code allowed to call this? Only what the module does is judged.
  void expect(const InstanceState& who, const char* what,
              std::initializer_list<Place::Kind> allowed);

  HostOptions options;
  Clock own_clock;
  Clock& clock;
  Log own_log;
  Log& log;
  Loop loop{clock};
  Buffers buffers;
  Promises promises{loop};
  Requests requests{*this};
  Peers peers{*this};
  Dispatch dispatch{*this};
  PutHooks put_hooks{*this};
  IndexCodes index_codes{*this};
  Changes changes{*this};

  std::string root;
  bool owns_root = false;
  std::list<InstanceState> instances;   // in configuration order
  std::vector<InstanceState*> started;  // in start order
  std::vector<FakeOffer> offers;
  std::vector<Absent> absent;  // behind the instances
  std::vector<MetadataStore*> stores;
  std::vector<Broker*> brokers;
  std::vector<const Filter*> filters;
  std::map<std::string, std::vector<std::string>> doors;
  std::map<std::string, SettingValue, std::less<>> facts;
  std::vector<LogLine> lines;
  std::vector<Push> pushes;
  std::vector<SentPush> sent_pushes;
  std::vector<std::string> breaches;
  LifeStep step;
  bool is_started = false;
};

// The tables, one file each below services/.
const void* find_service(const gantry_host* host, const char* id);
bool is_service(std::string_view id);
const gantry_logging& logging_service();
const gantry_clock& clock_service();
const gantry_timer& timer_service();
const gantry_settings& settings_service();
const gantry_buffers& buffers_service();
const gantry_capabilities& capabilities_service();
const gantry_requests& requests_service();
const gantry_sessions& sessions_service();
const gantry_peers& peers_service();
const gantry_plugins& plugins_service();
const gantry_commitlog& commitlog_service();

// Settings of a module out of a test's values and the declarations; throws std::invalid_argument.
std::map<std::string, SettingValue, std::less<>> check_settings(const gantry_module& module,
                                                                const Settings& given);

}  // namespace gantry::sdk::fake
