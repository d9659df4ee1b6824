#include "write_queue.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"
#include "environment.hpp"

namespace gantry::metadata_lmdb {
namespace {

void check(const gantry_document& document) {
  const std::string_view table = sdk::view(document.table);
  const auto in_name = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (table.empty() || table.size() > table_bytes_max ||
      !std::all_of(table.begin(), table.end(), in_name)) {
    throw sdk::Refusal(GANTRY_INVALID, "table \"" + std::string(table.substr(0, 64)) +
                                           "\" is not 1 to " + std::to_string(table_bytes_max) +
                                           " characters of a-z and _");
  }
  if (document.key.size > key_bytes_max) {
    throw sdk::Refusal(GANTRY_INVALID, "key of table " + std::string(table) + " has " +
                                           std::to_string(document.key.size) + " bytes, at most " +
                                           std::to_string(key_bytes_max));
  }
  if (document.value.size > UINT32_MAX) {
    throw sdk::Refusal(GANTRY_INVALID, "value in table " + std::string(table) + " has " +
                                           std::to_string(document.value.size) + " bytes");
  }
}

}  // namespace

Write copy_write(std::span<const gantry_document> documents, gantry_completion then,
                 uint32_t shard) {
  uint64_t size = 0;
  for (const gantry_document& document : documents) {
    check(document);
    size += document.table.size + document.key.size + document.value.size;
  }
  Write out{.bytes = std::make_unique_for_overwrite<uint8_t[]>(size),
            .size = size + documents.size_bytes() + sizeof(Write),
            .documents = {documents.begin(), documents.end()},
            .then = then,
            .shard = shard};
  uint8_t* at = out.bytes.get();
  const auto copy = [&](const void* data, uint64_t bytes) {
    if (bytes > 0) std::memcpy(at, data, bytes);
    return std::exchange(at, at + bytes);
  };
  for (gantry_document& document : out.documents) {
    document.table.data = reinterpret_cast<char*>(copy(document.table.data, document.table.size));
    document.key.data = copy(document.key.data, document.key.size);
    if (document.value.data) document.value.data = copy(document.value.data, document.value.size);
  }
  return out;
}

void WriteQueue::push(Write write) {
  const std::lock_guard lock(guard_);
  if (bytes_ + write.size > bytes_max_) {
    throw sdk::Refusal(GANTRY_BUSY, "queue_bytes_max " + std::to_string(bytes_max_) +
                                        " is used up by writes that wait for their commit");
  }
  bytes_ += write.size;
  writes_.push_back(std::move(write));
}

std::vector<Write> WriteQueue::take_all() {
  const std::lock_guard lock(guard_);
  bytes_ = 0;
  return std::exchange(writes_, {});
}

bool WriteQueue::empty() const {
  const std::lock_guard lock(guard_);
  return writes_.empty();
}

}  // namespace gantry::metadata_lmdb
