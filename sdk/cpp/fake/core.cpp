#include "cpp/fake/core.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>

namespace gantry::sdk::fake {
namespace {

std::string temporary_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "gantry-fake-XXXXXX").string();
  if (!mkdtemp(path.data())) throw std::runtime_error("cannot make a temporary folder: " + path);
  return path;
}

const char* name_of(Place::Kind kind) {
  switch (kind) {
    case Place::Kind::control:
      return "the control thread";
    case Place::Kind::shard:
      return "a shard";
    case Place::Kind::log:
      return "the log's turn";
    case Place::Kind::worker:
      return "a worker";
    default:
      return "the test";
  }
}

struct Service {
  std::string_view id;
  const void* table;
};

const std::vector<Service>& services() {
  static const std::vector<Service> all = {
      {GANTRY_HOST_LOGGING, &logging_service()},
      {GANTRY_HOST_CLOCK, &clock_service()},
      {GANTRY_HOST_TIMER, &timer_service()},
      {GANTRY_HOST_SETTINGS, &settings_service()},
      {GANTRY_HOST_BUFFERS, &buffers_service()},
      {GANTRY_HOST_CAPABILITIES, &capabilities_service()},
      {GANTRY_HOST_REQUESTS, &requests_service()},
      {GANTRY_HOST_SESSIONS, &sessions_service()},
      {GANTRY_HOST_PEERS, &peers_service()},
      {GANTRY_HOST_COMMITLOG, &commitlog_service()},
      {GANTRY_HOST_PLUGINS, &plugins_service()},
  };
  return all;
}

}  // namespace

const void* find_service(const gantry_host*, const char* id) {
  for (const Service& service : services())
    if (service.id == id) return service.table;
  return nullptr;
}

bool is_service(std::string_view id) {
  return std::any_of(services().begin(), services().end(),
                     [&](const Service& service) { return service.id == id; });
}

const gantry_offer* InstanceState::offer(std::string_view id, std::string_view offer_name) const {
  for (uint32_t i = 0; i < module->offer_count; ++i) {
    const gantry_offer* one = module->offers[i];
    if (id == one->id && (offer_name.empty() || offer_name == one->name || offer_name == name))
      return one;
  }
  return nullptr;
}

bool InstanceState::needs(std::string_view id) const {
  for (uint32_t i = 0; i < module->need_count; ++i)
    if (id == module->needs[i]->id) return true;
  return false;
}

void InstanceState::count(gantry_buffer* buffer, int references) {
  const Buffer* alive = core->buffers.find(buffer);
  if (!alive) return;
  held_buffers += references;
  held_bytes += references * static_cast<int64_t>(alive->size);
}

Core::Core(HostOptions given)
    : options(std::move(given)),
      clock(options.clock ? *options.clock : own_clock),
      log(options.log ? *options.log : own_log) {
  if (options.shard_count == 0) throw std::invalid_argument("shard_count: 0, at least 1");
  owns_root = options.data_dir.empty();
  root = owns_root ? temporary_folder() : options.data_dir;
  facts.emplace("node.cluster", options.cluster);
  facts.emplace("node.broker", options.broker);
  facts.emplace("node.broker_id", options.broker_id);
  facts.emplace("node.data_dir", root);
  facts.emplace("node.message_bytes_max", options.message_bytes_max);
  for (const auto& [door, address] : options.advertise)
    facts.emplace("door." + door + ".advertise", address);
  log.open();
  log.on_rise([this] { dispatch.changed(); });
}

Core::~Core() {
  log.on_rise(nullptr);
  for (MetadataStore* store : stores) store->attach(nullptr);
  for (Broker* broker : brokers) broker->attach(nullptr);
  std::error_code ignored;
  if (owns_root) std::filesystem::remove_all(root, ignored);
}

void Core::expect(const InstanceState& who, const char* what,
                  std::initializer_list<Place::Kind> allowed) {
  const Place::Kind here = loop.place().kind;
  if (here == Place::Kind::test) return;
  if (std::find(allowed.begin(), allowed.end(), here) == allowed.end())
    breach(who.name + " called " + what + " from " + name_of(here));
}

}  // namespace gantry::sdk::fake
