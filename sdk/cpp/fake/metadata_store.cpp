#include "cpp/fake/metadata_store.hpp"

#include <span>
#include <stdexcept>
#include <utility>

#include "cpp/capabilities.hpp"
#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr uint64_t key_bytes_max = 480;

bool is_table_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos;
}

Place place_of(uint32_t shard) {
  return shard == GANTRY_NO_SHARD ? Place::at_worker() : Place::at_shard(shard);
}

void expect_blocking(Core* core, const char* what) {
  if (!core) throw Refusal(GANTRY_FAULT, "the store is not offered to a running host");
  const Place::Kind here = core->loop.place().kind;
  if (here == Place::Kind::shard || here == Place::Kind::log)
    core->breach(std::string("metadata_store.") + what + " was called off a worker");
}

}  // namespace

void MetadataStore::put(std::string_view table, std::string_view key, std::string_view value) {
  tables_[std::string(table)][std::string(key)] = value;
}

std::optional<std::string> MetadataStore::get(std::string_view table, std::string_view key) const {
  const auto documents = tables_.find(table);
  if (documents == tables_.end()) return std::nullopt;
  const auto at = documents->second.find(std::string(key));
  return at == documents->second.end() ? std::nullopt : std::optional(at->second);
}

MetadataStore::Documents MetadataStore::table(std::string_view name) const {
  const auto at = tables_.find(name);
  return at == tables_.end() ? Documents{} : at->second;
}

void MetadataStore::fail_next_write(std::string reason) {
  failure_ = std::move(reason);
}

void MetadataStore::hold() {
  holding_ = true;
}

void MetadataStore::release() {
  holding_ = false;
  for (Write& write : std::exchange(held_, {})) finish(std::move(write));
}

void MetadataStore::lose_held() {
  holding_ = false;
  for (const Write& write : std::exchange(held_, {}))
    core_->loop.run_at(place_of(write.shard), [&](const gantry_call& call) {
      write.then.done(write.then.context, &call, GANTRY_CANCELLED, nullptr);
    });
}

gantry_status MetadataStore::write(const gantry_call*, const gantry_document* documents,
                                   uint32_t count, uint32_t flags, gantry_completion then) {
  if (!core_) throw Refusal(GANTRY_FAULT, "the store is not offered to a running host");
  Write write;
  write.then = then;
  write.shard = core_->loop.completion_place().shard;
  write.failure = std::exchange(failure_, {});
  for (const gantry_document& document : std::span(documents, count)) {
    if (!is_table_name(view(document.table)))
      throw Refusal(GANTRY_INVALID, "table: " + std::string(view(document.table)));
    if (document.key.size > key_bytes_max)
      throw Refusal(GANTRY_INVALID, "key: " + std::to_string(document.key.size) +
                                        " bytes, at most " + std::to_string(key_bytes_max));
    std::optional<std::string> value;
    if (document.value.data) value = std::string(view(document.value));
    write.changes.push_back(
        {std::string(view(document.table)), std::string(view(document.key)), std::move(value)});
  }
  ++writes_;
  if (flags & GANTRY_WRITE_NOW) ++now_writes_;
  if (holding_) {
    held_.push_back(std::move(write));
  } else {
    finish(std::move(write));
  }
  return GANTRY_OK;
}

void MetadataStore::finish(Write write) {
  if (write.failure.empty())
    for (auto& [table, key, value] : write.changes) {
      if (value) {
        tables_[table][key] = std::move(*value);
      } else {
        tables_[table].erase(key);
      }
    }
  const auto complete = [then = write.then, failure = write.failure](const gantry_call& call) {
    const gantry_status status = failure.empty() ? GANTRY_OK : GANTRY_FAULT;
    if (status != GANTRY_OK) set_error(call.error, status, failure);
    then.done(then.context, &call, status, nullptr);
  };
  core_->loop.post(place_of(write.shard), complete);
}

gantry_status MetadataStore::scan(gantry_str table, gantry_bytes from,
                                  gantry_status (*each)(void*, const gantry_document*),
                                  void* context) {
  expect_blocking(core_, "scan");
  const Documents documents = this->table(view(table));
  for (auto at = documents.lower_bound(std::string(view(from))); at != documents.end(); ++at) {
    const gantry_document document{table, sdk::bytes(at->first), sdk::bytes(at->second)};
    const gantry_status status = each(context, &document);
    if (status != GANTRY_OK) return status;
  }
  return GANTRY_OK;
}

gantry_status MetadataStore::read(gantry_str table, gantry_bytes key, gantry_slice* out) {
  expect_blocking(core_, "read");
  const auto value = get(view(table), view(key));
  if (!value) return GANTRY_GONE;
  *out = core_->buffers.copy(value->data(), value->size(), "metadata_store.read");
  return GANTRY_OK;
}

const gantry_metadata_store& MetadataStore::vtable() {
  static constexpr gantry_metadata_store table{
      sizeof(gantry_metadata_store), 0,
      [](gantry_instance* self, const gantry_call* call, const gantry_document* documents,
         uint32_t count, uint32_t flags, gantry_completion then) {
        return barrier(call ? call->error : nullptr, [&] {
          return from<MetadataStore>(self).write(call, documents, count, flags, then);
        });
      },
      [](gantry_instance* self, const gantry_call* call, gantry_str name, gantry_bytes start,
         gantry_status (*each)(void*, const gantry_document*), void* context) {
        return barrier(call ? call->error : nullptr,
                       [&] { return from<MetadataStore>(self).scan(name, start, each, context); });
      },
      [](gantry_instance* self, const gantry_call* call, gantry_str name, gantry_bytes key,
         gantry_slice* out) {
        return barrier(call ? call->error : nullptr,
                       [&] { return from<MetadataStore>(self).read(name, key, out); });
      }};
  return table;
}

}  // namespace gantry::sdk::fake
