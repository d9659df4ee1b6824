#include "store_index.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "cpp/fake/host.hpp"
#include "cpp/values.hpp"
#include "store_file/store_file.hpp"
#include "support/lying_store_disk.hpp"

extern "C" const gantry_plugin gantry_plugin_v1;

namespace gantry::sim {
namespace {

// The host that settings, clock and calls come from; one for the process. The instance it starts
// works in a temporary folder and is of no further interest.
struct SharedHost {
  SharedHost() : log(int64_t{1} << 40), host({.log = &log}) {
    instance = &host.load(gantry_plugin_v1, "store_file",
                          {{"consume_queue_file_bytes", 200},
                           {"batch_queue_file_bytes", 460},
                           {"recent_units", 4},
                           {"index_slots", 16},
                           {"index_entries", 32}});
    host.start();
  }

  sdk::fake::Log log;
  sdk::fake::Host host;
  sdk::fake::Instance* instance = nullptr;
};

SharedHost& shared() {
  static SharedHost host;
  return host;
}

// What a module throws is a status and a sentence.
struct Said {
  gantry_status status = GANTRY_OK;
  std::string text;
};
Said call(const std::function<void(const gantry_call&)>& body) {
  Said said;
  shared().host.on_worker([&](const gantry_call& call) {
    try {
      body(call);
    } catch (const sdk::Refusal& refusal) {
      said = {refusal.status(), refusal.what()};
    } catch (const std::exception& thrown) {
      said = {GANTRY_FAULT, thrown.what()};
    }
  });
  return said;
}

gantry_message message_of(const commitlog::RecordView& view) {
  gantry_message out{};
  out.struct_size = sizeof out;
  out.topic = {view.topic.data, view.topic.size};
  out.property_text = {view.property_text.data, view.property_text.size};
  out.body = {view.body.data(), view.body.size()};
  out.queue_id = view.queue_id;
  out.queue_offset = view.queue_offset.value;
  out.log_offset = view.log_offset.value;
  out.stored_ms = view.stored_ms;
  out.born_ms = view.born_ms;
  out.sys_flag = view.sys_flag;
  out.record_size = view.record_size;
  out.tag_code = view.tag_code;
  return out;
}

}  // namespace

struct StoreIndex::Parts {
  explicit Parts(testing::LyingDisk& lying) : disk(lying) {}

  testing::LyingStoreDisk disk;
  std::optional<store_file::StoreFile> store;
};

StoreIndex::StoreIndex(testing::LyingDisk& disk, bool drops_spans)
    : Index("store_file"), parts_(std::make_unique<Parts>(disk)), drops_spans_(drops_spans) {}
StoreIndex::~StoreIndex() = default;

Outcome<void> StoreIndex::start() {
  const Said said = call([&](const gantry_call&) {
    const sdk::fake::Instance& instance = *shared().instance;
    // The store root is there before the node: only what is below it is the index's to make
    // durable.
    parts_->disk.create_folders(instance.data_dir());
    parts_->disk.volume(instance.data_dir())->sync();
    parts_->store.emplace(instance.host(), parts_->disk);
    parts_->store->start(0);
  });
  if (said.status != GANTRY_OK) return fail(said.text);
  return boost::system::in_place_value;
}

void StoreIndex::stop() {
  call([&](const gantry_call&) { parts_->store->stop(); });
}

Outcome<int64_t> StoreIndex::position() {
  return parts_->store->position();
}

dispatch::Status StoreIndex::consume(dispatch::Call& to,
                                     std::span<const commitlog::RecordView> records,
                                     uint32_t& consumed) {
  std::vector<gantry_message> messages;
  for (const commitlog::RecordView& record : records) {
    messages.push_back(message_of(record));
    if (drops_spans_) messages.back().sys_flag &= ~commitlog::sys_flag_inner_batch;
  }
  gantry_batch batch{};
  batch.struct_size = sizeof batch;
  batch.stride = sizeof(gantry_message);
  batch.count = static_cast<uint32_t>(messages.size());
  batch.first = messages.data();
  const Said said = call([&](const gantry_call& c) { parts_->store->consume(c, batch, consumed); });
  if (said.status != GANTRY_OK) to.error.set(dispatch::Status(said.status), said.text);
  return dispatch::Status(said.status);
}

void StoreIndex::live(int64_t log_offset) {
  parts_->store->live(log_offset);
}

dispatch::Status StoreIndex::persist(dispatch::Call& to, int64_t stable, int64_t& persisted) {
  const Said said =
      call([&](const gantry_call& c) { persisted = parts_->store->persist(c, stable); });
  if (said.status != GANTRY_OK) to.error.set(dispatch::Status(said.status), said.text);
  return dispatch::Status(said.status);
}

Outcome<void> StoreIndex::truncate(int64_t log_offset) {
  const Said said = call([&](const gantry_call&) { parts_->store->truncate(log_offset); });
  if (said.status != GANTRY_OK) return fail(said.text);
  return boost::system::in_place_value;
}

void StoreIndex::trimmed_to(int64_t log_begin) {
  call([&](const gantry_call& c) { parts_->store->trimmed(c, log_begin); });
}

std::pair<int64_t, int64_t> StoreIndex::bounds(const QueueName& queue) {
  gantry_queue_bounds out{};
  call([&](const gantry_call& c) {
    parts_->store->bounds(&c, sdk::str(queue.first), queue.second, out);
  });
  return {out.min, out.max};
}

std::string StoreIndex::read(const QueueName& queue, std::vector<commitlog::IndexEntry>& out) {
  out.clear();
  const auto [min, max] = bounds(queue);
  for (int64_t at = min; at < max;) {
    gantry_index_entry entries[16];
    uint32_t count = 0;
    gantry_status status = GANTRY_OK;
    const Said said = call([&](const gantry_call& c) {
      status = parts_->store->read(&c, sdk::str(queue.first), queue.second, true, at, entries,
                                   std::size(entries), count);
    });
    if (said.status != GANTRY_OK) return said.text;
    if (status != GANTRY_OK || count == 0)
      return fmt::format("{}: status {}, {} entries, of {} to {}", at, status, count, min, max);
    for (uint32_t i = 0; i < count; i++) {
      out.push_back({entries[i].log_offset, entries[i].code, entries[i].size});
      at += std::max<int32_t>(entries[i].span, 1);
    }
  }
  return {};
}

}  // namespace gantry::sim
