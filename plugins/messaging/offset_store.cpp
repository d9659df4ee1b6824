#include "offset_store.hpp"

#include <bit>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "job.hpp"

namespace gantry::messaging {
namespace {

static_assert(std::endian::native == std::endian::little);

gantry_status load_offset(void* context, const gantry_document* document) {
  const auto read = read_offset(sdk::view(document->key), sdk::view(document->value));
  if (read) static_cast<OffsetTable*>(context)->load(*read);
  return GANTRY_OK;  // what cannot be read is left out: its group starts as a new one does
}

}  // namespace

std::string offset_key(const QueueKey& key) {
  std::string bytes;
  bytes.reserve(key.group.size() + key.topic.size() + 6);
  bytes.append(key.group).push_back('\0');
  bytes.append(key.topic).push_back('\0');
  const uint32_t queue = __builtin_bswap32(static_cast<uint32_t>(key.queue_id));
  bytes.append(reinterpret_cast<const char*>(&queue), sizeof queue);
  return bytes;
}

std::optional<CommittedOffset> read_offset(std::string_view key, std::string_view value) {
  CommittedOffset read;
  const size_t group_end = key.find('\0');
  if (group_end == std::string_view::npos || value.size() != sizeof read.offset) {
    return std::nullopt;
  }
  const size_t topic_end = key.find('\0', group_end + 1);
  uint32_t queue = 0;
  if (topic_end == std::string_view::npos || key.size() != topic_end + 1 + sizeof queue) {
    return std::nullopt;
  }
  read.group = key.substr(0, group_end);
  read.topic = key.substr(group_end + 1, topic_end - group_end - 1);
  std::memcpy(&queue, key.data() + topic_end + 1, sizeof queue);
  read.queue_id = static_cast<int32_t>(__builtin_bswap32(queue));
  std::memcpy(&read.offset, value.data(), sizeof read.offset);
  return read;
}

void OffsetStore::load() {
  sdk::Lease<gantry_metadata_store> store(services_.capabilities, metadata_, nullptr);
  if (!store) throw sdk::Refusal(GANTRY_REFUSED, "the metadata store is not running");
  const gantry_status status = store->scan(store.self(), nullptr, sdk::str(offsets_table),
                                           gantry_bytes{}, load_offset, &table_);
  if (store.end(status) != GANTRY_OK) {
    throw sdk::Refusal(status, "the metadata store cannot read its table offsets");
  }
}

void OffsetStore::flush() {
  {
    const std::lock_guard guard(lock_);
    if (flushing_ || closing_) return;
    flushing_ = true;
  }
  // On a worker: a thousand groups committing are a thousand documents to build.
  const gantry_status given =
      give([&](gantry_completion job) { return services_.timer.work(services_.host, job); },
           [this](const gantry_call& call, gantry_status status, const void*) {
             if (status == GANTRY_OK) return write(&call);
             written({}, GANTRY_OK);
           });
  if (given < 0) written({}, GANTRY_OK);  // no worker free: the next interval tries again
}

void OffsetStore::close(std::function<void()> then) {
  {
    const std::lock_guard guard(lock_);
    on_closed_ = std::move(then);
    closing_ = true;
    if (flushing_) return;  // written() goes on
    flushing_ = last_ = true;
  }
  write(nullptr);
}

void OffsetStore::write(const gantry_call* call) {
  std::vector<CommittedOffset> taken = table_.take_dirty();
  if (taken.empty()) return written({}, GANTRY_OK);
  std::vector<std::string> keys;
  keys.reserve(taken.size());
  std::vector<gantry_document> documents;
  for (const CommittedOffset& one : taken) {
    keys.push_back(offset_key(one.key()));
    const auto* const value = reinterpret_cast<const uint8_t*>(&one.offset);
    const bool erased = one.offset < 0;
    documents.push_back({sdk::str(offsets_table), sdk::bytes(keys.back()),
                         erased ? gantry_bytes{} : gantry_bytes{value, sizeof one.offset}});
  }
  sdk::Lease<gantry_metadata_store> store(services_.capabilities, metadata_, call);
  if (!store) return written(std::move(taken), GANTRY_REFUSED);
  // Moving a vector leaves its elements where the documents point.
  const auto held = std::make_shared<std::vector<CommittedOffset>>(std::move(taken));
  const gantry_status status = give(
      [&](gantry_completion then) {
        // Now: gathered with other writes they would wait for the store's interval behind this one.
        return store->write(store.self(), call, documents.data(),
                            static_cast<uint32_t>(documents.size()), GANTRY_WRITE_NOW, then);
      },
      [this, held](const gantry_call&, gantry_status result, const void*) {
        written(std::move(*held), result);
      });
  if (store.end(status) < 0) written(std::move(*held), status);
}

void OffsetStore::written(std::vector<CommittedOffset> documents, gantry_status status) {
  if (status != GANTRY_OK) table_.put_back(documents);
  std::function<void()> finish;
  bool last = false;
  {
    const std::lock_guard guard(lock_);
    // A flush was under way when close() came: what changed since is still to be written.
    last = closing_ && !last_;
    last_ |= last;
    flushing_ = last;
    if (!last) finish = std::exchange(on_closed_, nullptr);
  }
  if (status != GANTRY_OK && status != GANTRY_CANCELLED) {
    services_.warn("consumer offsets are not stored: the metadata store failed");
  }
  if (last) return write(nullptr);
  if (finish) finish();
}

}  // namespace gantry::messaging
