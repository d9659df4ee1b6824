#include "cpp/fake/dispatch.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr int attempts_max = 3;
constexpr uint64_t pause_ms = 10;
constexpr int32_t service_not_available = 14;

}  // namespace

void Dispatch::collect() {
  consumers_.clear();
  for (InstanceState& instance : core_.instances)
    if (const gantry_offer* offer = instance.offer(GANTRY_CAP_LOG_CONSUMER))
      consumers_.push_back(
          {&instance, static_cast<const gantry_log_consumer*>(offer->table), offer->after});
  // Stage order: again and again the first that runs behind nobody left.
  std::vector<Consumer> ordered;
  while (!consumers_.empty()) {
    const auto next = std::find_if(consumers_.begin(), consumers_.end(), [&](const Consumer& one) {
      return std::none_of(consumers_.begin(), consumers_.end(),
                          [&](const Consumer& other) { return runs_after(one, other); });
    });
    if (next == consumers_.end())
      throw std::runtime_error("log consumers run behind one another in a circle: " +
                               consumers_.front().instance->name);
    next->first_stage = std::none_of(ordered.begin(), ordered.end(), [&](const Consumer& before) {
      return runs_after(*next, before);
    });
    ordered.push_back(*next);
    consumers_.erase(next);
  }
  consumers_ = std::move(ordered);
}

bool Dispatch::runs_after(const Consumer& one, const Consumer& other) const {
  if (!one.after || one.instance == other.instance) return false;
  for (const char* const* name = one.after; *name; ++name)
    if (other.instance->name == *name || other.instance->offer(*name)) return true;
  return false;
}

void Dispatch::start() {
  collect();
  for (Consumer& consumer : consumers_) {
    const std::string& name = consumer.instance->name;
    gantry_error error{};
    error.struct_size = sizeof error;
    int64_t from = 0;
    const int64_t end = core_.log.mark(GANTRY_MARK_VISIBLE);
    core_.loop.run_at(Place::at_control(), [&](const gantry_call&) {
      gantry_instance* self = consumer.instance->self;
      if (consumer.table->position(self, &from, &error) != GANTRY_OK)
        throw std::runtime_error(name + " does not know its position: " + error.text);
      if (from > end) {
        if (consumer.table->truncate(self, end, &error) != GANTRY_OK)
          throw std::runtime_error(name + " cannot truncate: " + error.text);
        from = end;
      }
    });
    consumer.consumed = std::max(from, core_.log.begin());
    if (core_.log.begin() > 0) tell_trimmed(consumer);
    while (consumer.consumed < end && !consumer.paused) feed(consumer, end);
    if (consumer.paused) throw std::runtime_error(name + " cannot replay the log");
    core_.loop.run_at(Place::at_control(), [&](const gantry_call&) {
      consumer.table->live(consumer.instance->self, end);
    });
  }
  running_ = true;
  changed();
}

void Dispatch::stop() {
  core_.changes.stop();
  running_ = false;
  consumers_.clear();
}

void Dispatch::changed() {
  if (!running_ || std::exchange(queued_, true)) return;
  core_.loop.post(Place::at_shard(0), [this](const gantry_call&) {
    queued_ = false;
    drain();
  });
}

int64_t Dispatch::indexed() const {
  int64_t least = core_.log.mark(GANTRY_MARK_VISIBLE);
  for (const Consumer& consumer : consumers_)
    if (consumer.first_stage) least = std::min(least, consumer.consumed);
  return least;
}

// The queue index, then the answers that waited for it, then the others.
void Dispatch::drain() {
  const int64_t visible = core_.log.mark(GANTRY_MARK_VISIBLE);
  for (const bool first : {true, false}) {
    for (Consumer& consumer : consumers_)
      while (consumer.first_stage == first && consumer.consumed < visible && !consumer.paused)
        feed(consumer, visible);
    if (first) {
      core_.requests.settle();
      settle_awaits();
    }
  }
  core_.changes.look_again();
}

void Dispatch::feed(Consumer& consumer, int64_t to) {
  const auto bytes = core_.log.bytes(consumer.consumed, to);
  const gantry_slice slice = core_.buffers.copy(bytes.data(), bytes.size(), "a batch of records");
  std::vector<gantry_message> records;
  std::span<const uint8_t> rest = span(slice);
  while (!rest.empty() && records.size() < batch_records_) {
    const auto record = decode(rest);
    if (!record) throw std::logic_error("the fake log holds bytes that are no record");
    rest = rest.subspan(record->record_size);
    records.push_back(*record);
    records.back().buffer = slice.buffer;
  }
  gantry_batch batch{};
  batch.struct_size = sizeof batch;
  batch.stride = sizeof(gantry_message);
  batch.count = static_cast<uint32_t>(records.size());
  batch.first = records.data();
  uint32_t taken = 0;
  gantry_status status = GANTRY_OK;
  std::string text;
  const bool is_inline = (consumer.table->flags & GANTRY_LOG_INLINE) != 0;
  core_.loop.run_at(
      {Place::Kind::log, is_inline ? 0 : GANTRY_NO_SHARD}, [&](const gantry_call& call) {
        core_.index_codes.apply(call, records);
        status = consumer.table->consume(consumer.instance->self, &call, &batch, &taken);
        text = call.error->text;
      });
  core_.buffers.release(slice.buffer);
  if (taken > batch.count) {
    core_.breach(consumer.instance->name + " consumed more records than it was given");
    taken = batch.count;
  }
  for (uint32_t i = 0; i < taken; ++i) consumer.consumed += records[i].record_size;
  if (status < 0 || taken < batch.count) return stalled(consumer, status, text);
  consumer.attempts = 0;
}

void Dispatch::stalled(Consumer& consumer, gantry_status status, const std::string& text) {
  consumer.paused = true;
  const std::string name = consumer.instance->name;
  const std::string reason = name + " cannot consume the log at " +
                             std::to_string(consumer.consumed) + ": status " +
                             std::to_string(status) + ": " + text;
  if (++consumer.attempts >= attempts_max) {
    core_.log.set_gate("dispatch", true, service_not_available, reason);
    return core_.breach(reason);
  }
  const InstanceState* instance = consumer.instance;
  core_.loop.arm_ms(pause_ms << consumer.attempts, Place::at_shard(0),
                    [this, instance](const gantry_call&) {
                      Consumer* again = find(*instance);
                      if (!again) return;  // stopped meanwhile
                      again->paused = false;
                      changed();
                    });
}

void Dispatch::truncate(int64_t offset) {
  for (Consumer& consumer : consumers_) {
    gantry_error error{};
    error.struct_size = sizeof error;
    core_.loop.run_at({Place::Kind::log, GANTRY_NO_SHARD}, [&](const gantry_call&) {
      if (consumer.table->truncate(consumer.instance->self, offset, &error) != GANTRY_OK)
        core_.breach(consumer.instance->name + " cannot truncate: " + error.text);
    });
    consumer.consumed = std::min(consumer.consumed, offset);
  }
  core_.requests.cut(offset);
  std::erase_if(awaits_, [&](const Await& await) {
    if (await.log_end <= offset) return false;
    core_.promises.end_later(await.promise, GANTRY_GONE);
    return true;
  });
  core_.log.truncate(offset);
}

void Dispatch::trim(int64_t below) {
  for (const Consumer& consumer : consumers_)
    below = std::min({below, persist(*consumer.instance), consumer.consumed});
  if (below <= core_.log.begin()) return;
  core_.log.trim(below);
  for (Consumer& consumer : consumers_) tell_trimmed(consumer);
}

void Dispatch::tell_trimmed(Consumer& consumer) {
  core_.loop.run_at(Place::at_worker(), [&](const gantry_call& call) {
    consumer.table->trimmed(consumer.instance->self, &call, core_.log.begin());
  });
}

int64_t Dispatch::persist(const InstanceState& instance) {
  const Consumer* consumer = find(instance);
  if (!consumer) throw std::logic_error(instance.name + " is no running log consumer");
  const int64_t stable = core_.log.mark(GANTRY_MARK_STABLE);
  int64_t persisted = 0;
  core_.loop.run_at(Place::at_worker(), [&](const gantry_call& call) {
    const gantry_status status =
        consumer->table->persist(consumer->instance->self, &call, stable, &persisted);
    if (status != GANTRY_OK)
      throw std::runtime_error(instance.name + " cannot persist: " + call.error->text);
  });
  if (persisted > stable)
    core_.breach(instance.name + " persisted " + std::to_string(persisted) + ", beyond STABLE at " +
                 std::to_string(stable));
  return persisted;
}

int64_t Dispatch::consumed(const InstanceState& instance) const {
  const Consumer* consumer = const_cast<Dispatch*>(this)->find(instance);
  if (!consumer) throw std::logic_error(instance.name + " is no running log consumer");
  return consumer->consumed;
}

Dispatch::Consumer* Dispatch::find(const InstanceState& instance) {
  const auto at = std::find_if(consumers_.begin(), consumers_.end(),
                               [&](const Consumer& one) { return one.instance == &instance; });
  return at == consumers_.end() ? nullptr : &*at;
}

void Dispatch::await(uint64_t promise, uint32_t marks, int64_t log_end) {
  awaits_.push_back({promise, marks, log_end});
  settle_awaits();
}

void Dispatch::settle_awaits() {
  std::erase_if(awaits_, [&](const Await& await) {
    bool passed = true;
    for (uint32_t mark = 0; mark < GANTRY_MARK_COUNT; ++mark)
      if ((await.marks >> mark & 1) && core_.log.mark(mark) < await.log_end) passed = false;
    const bool failed = !passed && !core_.log.failure().empty();
    if (passed) core_.promises.end_later(await.promise, GANTRY_OK);
    if (failed) core_.promises.end_later(await.promise, GANTRY_FAULT, core_.log.failure());
    return passed || failed;
  });
}

}  // namespace gantry::sdk::fake
