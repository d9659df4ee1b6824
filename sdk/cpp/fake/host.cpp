#include "cpp/fake/host.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include "cpp/fake/life.hpp"
#include "cpp/messaging.hpp"

namespace gantry::sdk::fake {

const std::string& Instance::name() const {
  return state_->name;
}
const std::string& Instance::data_dir() const {
  return state_->data_dir;
}
gantry_instance* Instance::self() const {
  return state_->self;
}
const gantry_host* Instance::host() const {
  return &state_->host;
}
bool Instance::started() const {
  return state_->running;
}

gantry_offer_figures& Instance::figures(size_t offer) {
  return state_->figures.at(offer);
}

const void* Instance::look(const char* id, std::string_view name) const {
  const gantry_offer* offer = state_->offer(id, name);
  return offer ? offer->table : nullptr;
}

const void* Instance::find(const char* id, std::string_view name) const {
  const void* table = look(id, name);
  if (!table) throw std::logic_error(state_->name + " does not offer " + id);
  return table;
}

Host::Host(HostOptions options) : core_(std::make_unique<Core>(std::move(options))) {}

Host::~Host() noexcept(false) {
  if (!core_->is_started && core_->breaches.empty()) return;
  const bool unwinding = std::uncaught_exceptions() > 0;
  try {
    stop();
  } catch (...) {
    if (!unwinding) throw;  // else the exception on its way says what went wrong first
  }
}

Instance& Host::load(const gantry_plugin& plugin, std::string_view module, const Settings& settings,
                     std::string instance) {
  if (core_->is_started) throw std::logic_error("load before start");
  const auto end = plugin.modules + plugin.module_count;
  const auto found = std::find_if(plugin.modules, end,
                                  [&](const gantry_module* one) { return module == one->name; });
  if (found == end)
    throw std::logic_error(std::string(plugin.id) + " has no module " + std::string(module));
  if (instance.empty()) instance = module;
  for (const InstanceState& other : core_->instances)
    if (other.name == instance) throw std::logic_error("two instances named " + instance);
  auto values = check_settings(**found, settings);
  InstanceState& state = core_->instances.emplace_back();
  state.core = core_.get();
  state.plugin = &plugin;
  state.module = *found;
  state.figures.resize(state.module->offer_count + 1);
  state.name = std::move(instance);
  state.settings = std::move(values);
  const bool whole_root = (state.module->flags & GANTRY_MODULE_STORE_ROOT) != 0;
  state.data_dir = whole_root ? core_->root : core_->root + "/gantry/" + state.name;
  return state.handle;
}

void Host::offer(std::string id, std::string name, const void* table, gantry_instance* self) {
  core_->offers.push_back({std::move(id), std::move(name), table, self});
}

void Host::offer(MetadataStore& store, std::string name) {
  store.attach(core_.get());
  core_->stores.push_back(&store);
  offer(GANTRY_CAP_METADATA_STORE, std::move(name), &MetadataStore::vtable(),
        reinterpret_cast<gantry_instance*>(&store));
}

void Host::offer(Filter& filter, std::string expression_type) {
  core_->filters.push_back(&filter);
  offer(GANTRY_CAP_FILTER, std::move(expression_type), &Filter::vtable(),
        reinterpret_cast<gantry_instance*>(&filter));
}

void Host::offer(Broker& broker, std::string name) {
  static constexpr gantry_topics topic_table = topics<Broker>();
  static constexpr gantry_groups group_table = groups<Broker>();
  static constexpr gantry_offsets offset_table = offsets<Broker>();
  static constexpr gantry_clients client_table = clients<Broker>();
  broker.attach(core_.get());
  core_->brokers.push_back(&broker);
  auto* const self = reinterpret_cast<gantry_instance*>(&broker);
  offer(GANTRY_CAP_TOPICS, name, &topic_table, self);
  offer(GANTRY_CAP_GROUPS, name, &group_table, self);
  offer(GANTRY_CAP_OFFSETS, name, &offset_table, self);
  offer(GANTRY_CAP_CLIENTS, std::move(name), &client_table, self);
}

void Host::absent(Absent instance) {
  core_->absent.push_back(std::move(instance));
}

void Host::door(std::string name, std::vector<std::string> instances) {
  core_->doors[std::move(name)] = std::move(instances);
}

void Host::start() {
  if (core_->is_started) throw std::logic_error("the host is running");
  start_all(*core_);
  core_->loop.run_until_idle();
}

void Host::stop() {
  if (core_->is_started) stop_all(*core_, true);
  const std::vector<std::string> breaches = take_breaches();
  if (breaches.empty()) return;
  std::string text = "the contract was broken:";
  for (const std::string& breach : breaches) text += "\n  " + breach;
  throw std::logic_error(text);
}

void Host::kill() {
  stop_all(*core_, false);
  core_->breaches.clear();
}

void Host::quiesce(Instance& instance) {
  run_step(instance.state(), "quiesce", instance.state().module->quiesce);
}

void Host::resume(Instance& instance) {
  gantry_error error{};
  error.struct_size = sizeof error;
  InstanceState& state = instance.state();
  core_->loop.run_at(Place::at_control(), [&](const gantry_call&) {
    if (state.module->resume(state.self, &error) != GANTRY_OK)
      throw std::runtime_error(state.name + ": resume failed: " + error.text);
  });
}

void Host::trip(Instance& instance, bool tripped) {
  instance.state().tripped = tripped;
}

Clock& Host::clock() {
  return core_->clock;
}

void Host::run_until_idle() {
  core_->loop.run_until_idle();
}

void Host::advance_ms(int64_t ms) {
  core_->loop.run_until(core_->clock.now_ns() + static_cast<uint64_t>(ms) * 1'000'000);
}

void Host::on_shard(const std::function<void(const gantry_call&)>& body, uint32_t shard) {
  if (shard >= core_->options.shard_count) throw std::logic_error("there is no such shard");
  core_->loop.run_at(Place::at_shard(shard), body);
}

void Host::on_worker(const std::function<void(const gantry_call&)>& body) {
  core_->loop.run_at(Place::at_worker(), body);
}

Answer Host::request(std::string_view door, Request request) {
  if (request.one_way) throw std::logic_error("a one-way request has no answer: use send");
  const int32_t code = request.code;
  const auto exchange = send(door, std::move(request));
  if (!exchange->answer)
    throw std::logic_error("code " + std::to_string(code) + " at " + std::string(door) +
                           (exchange->dropped ? ": the session ended first" : " is not answered"));
  return *exchange->answer;
}

std::shared_ptr<const Exchange> Host::send(std::string_view door, Request request) {
  if (!core_->is_started) throw std::logic_error("start the host before sending requests");
  const auto exchange = core_->requests.send(std::string(door), request);
  run_until_idle();
  return exchange;
}

void Host::close_session(gantry_session session) {
  core_->requests.close_session(session);
  run_until_idle();
}

const std::vector<Push>& Host::pushes() const {
  return core_->pushes;
}

void Host::answer_push(size_t index, Answer answer) {
  SentPush& push = core_->sent_pushes.at(index);
  if (push.answered) throw std::logic_error("that push waits for no answer");
  push.answered = true;
  on_shard([&](const gantry_call& call) {
    const ResponseView view(answer);
    core_->promises.end(push.promise, call, GANTRY_OK, view.get());
  });
  run_until_idle();
}

Peer& Host::peer(const std::string& address) {
  return core_->peers.peer(address);
}

uint64_t Host::late_answers() const {
  return core_->requests.late();
}

Log& Host::log() {
  return core_->log;
}

int64_t Host::persist(Instance& consumer) {
  return core_->dispatch.persist(consumer.state());
}

void Host::truncate(int64_t offset) {
  core_->dispatch.truncate(offset);
  run_until_idle();
}

int64_t Host::consumed(const Instance& consumer) const {
  return core_->dispatch.consumed(consumer.state());
}

void Host::set_batch_records(uint32_t records) {
  core_->dispatch.set_batch_records(std::max(records, 1u));
}

const std::vector<LogLine>& Host::lines() const {
  return core_->lines;
}

bool Host::logged(std::string_view text) const {
  return std::any_of(core_->lines.begin(), core_->lines.end(), [&](const LogLine& line) {
    return line.text.find(text) != std::string::npos;
  });
}

size_t Host::live_buffers() const {
  return core_->buffers.live();
}

std::vector<std::string> Host::take_breaches() {
  return std::exchange(core_->breaches, {});
}

}  // namespace gantry::sdk::fake
