#include "metadata_lmdb.hpp"

#include <gantry/host/buffers.h>
#include <gantry/host/timer.h>

#include <algorithm>

namespace gantry::metadata_lmdb {

gantry_status MetadataLmdb::start(gantry_token) {
  const auto setting = [this](const char* key) {
    return static_cast<uint64_t>(host_.setting_i64(key));
  };
  environment_ = std::make_unique<Environment>(
      Environment::Options{.folder = host_.data_dir(),
                           .map_bytes = setting("map_bytes"),
                           .map_bytes_max = setting("map_bytes_max")});
  committer_ = std::make_shared<Committer>(host_, *environment_, setting("queue_bytes_max"));
  const auto& timer = host_.service<gantry_timer>(GANTRY_HOST_TIMER);
  const auto tick = [](void* context, const gantry_call*) {
    sdk::barrier(nullptr, [&] {
      static_cast<Committer*>(context)->tick();
      return GANTRY_OK;
    });
  };
  const gantry_status armed = timer.every(host_.raw(), 0, setting("commit_interval_ms"), tick,
                                          committer_.get(), &commit_timer_);
  if (armed != GANTRY_OK) throw sdk::Refusal(armed, "the commit timer could not be armed");
  return GANTRY_OK;
}

gantry_status MetadataLmdb::drain(gantry_token drained) {
  return committer_->drain(drained);
}

void MetadataLmdb::stop() {
  if (!committer_) return;  // start failed
  if (commit_timer_ != 0) {
    host_.service<gantry_timer>(GANTRY_HOST_TIMER).cancel(host_.raw(), commit_timer_);
  }
  committer_->stop();
}

gantry_status MetadataLmdb::write(const gantry_call* call,
                                  std::span<const gantry_document> documents, uint32_t flags,
                                  gantry_completion then) {
  const bool on_shard = call && call->shard < host_.shard_count();
  committer_->submit(copy_write(documents, then, on_shard ? call->shard : GANTRY_NO_SHARD),
                     (flags & GANTRY_WRITE_NOW) != 0);
  return GANTRY_OK;
}

gantry_status MetadataLmdb::scan(gantry_str table, gantry_bytes from,
                                 gantry_status (*each)(void*, const gantry_document*),
                                 void* context) {
  return environment_->scan(sdk::view(table), from, [&](const gantry_document& document) {
    return each(context, &document);
  });
}

gantry_status MetadataLmdb::read(gantry_str table, gantry_bytes key, gantry_slice& out) {
  const auto& buffers = host_.service<gantry_buffers>(GANTRY_HOST_BUFFERS);
  return environment_->read(sdk::view(table), key, [&](gantry_bytes value) {
    uint8_t* writable = nullptr;
    const gantry_status status = buffers.reserve(host_.raw(), value.size, &out, &writable);
    if (status == GANTRY_OK) std::copy_n(value.data, value.size, writable);
    return status;
  });
}

}  // namespace gantry::metadata_lmdb
