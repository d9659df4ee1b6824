// Store: metadata_lmdb in the fake host over one temporary folder; may be stopped and started
// again.
#pragma once

#include <gantry/cap/metadata_store.h>
#include <gantry/host/buffers.h>
#include <lmdb.h>
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cpp/fake/host.hpp"
#include "cpp/values.hpp"

namespace gantry::testing {

namespace fake = sdk::fake;
namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "gantry-metadata-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

struct Document {
  std::string table;
  std::string key;
  std::optional<std::string> value;  // nothing: erase
};
using Rows = std::vector<std::pair<std::string, std::string>>;

struct Written {
  gantry_status status = GANTRY_OK;
  std::string error;
};

class Store {
 public:
  explicit Store(fake::Settings settings = {}, uint32_t shard_count = 1)
      : settings_(std::move(settings)), shard_count_(shard_count) {
    start();
  }

  fs::path file() const { return fs::path(folder_.path) / "gantry" / "metadata_lmdb" / "data.mdb"; }
  fake::Host& host() { return *host_; }
  gantry_instance* self() { return store_->self(); }
  const gantry_metadata_store& table() {
    return store_->table<gantry_metadata_store>(GANTRY_CAP_METADATA_STORE);
  }

  void start() {
    host_.reset();
    host_ = std::make_unique<fake::Host>(
        fake::HostOptions{.shard_count = shard_count_, .data_dir = folder_.path.string()});
    store_ = &host_->load(gantry_plugin_v1, "metadata_lmdb", settings_);
    host_->start();
  }
  void stop() { host_->stop(); }
  void restart() {
    stop();
    start();
  }
  void set(const std::string& key, int64_t value) { settings_.insert_or_assign(key, value); }

  // On a shard unless it is none. Nothing runs yet: see host().run_until_idle().
  Written write(const std::vector<Document>& documents, uint32_t flags, fake::Completion& then,
                uint32_t shard = 0) {
    std::vector<gantry_document> views;
    for (const Document& document : documents) {
      views.push_back({sdk::str(document.table), sdk::bytes(std::string_view(document.key)),
                       document.value ? sdk::bytes(std::string_view(*document.value))
                                      : gantry_bytes{nullptr, 0}});
    }
    Written out;
    const auto run = [&](const gantry_call& call) {
      out.status = table().write(self(), &call, views.data(), static_cast<uint32_t>(views.size()),
                                 flags, then.get());
      out.error = call.error->text;
    };
    if (shard == GANTRY_NO_SHARD) {
      host_->on_worker(run);
    } else {
      host_->on_shard(run, shard);
    }
    return out;
  }
  // Written, committed and told.
  gantry_status put(const std::vector<Document>& documents) {
    fake::Completion then;
    REQUIRE(write(documents, GANTRY_WRITE_NOW, then).status == GANTRY_OK);
    host_->run_until_idle();
    REQUIRE(then.count() == 1);
    return then.status();
  }

  Rows scan(const std::string& name, const std::string& from = {}) {
    Rows out;
    host_->on_worker([&](const gantry_call& call) {
      REQUIRE(table().scan(self(), &call, sdk::str(name), sdk::bytes(std::string_view(from)),
                           &Store::add, &out) == GANTRY_OK);
    });
    return out;
  }
  std::optional<std::string> read(const std::string& name, const std::string& key) {
    std::optional<std::string> out;
    host_->on_worker([&](const gantry_call& call) {
      gantry_slice slice{};
      const gantry_status status =
          table().read(self(), &call, sdk::str(name), sdk::bytes(std::string_view(key)), &slice);
      if (status == GANTRY_GONE) return;
      REQUIRE(status == GANTRY_OK);
      out.emplace(reinterpret_cast<const char*>(slice.data), slice.size);
      static_cast<const gantry_buffers*>(
          store_->host()->service(store_->host(), GANTRY_HOST_BUFFERS))
          ->release(store_->host(), slice.buffer);
    });
    return out;
  }
  static gantry_status add(void* rows, const gantry_document* document) {
    static_cast<Rows*>(rows)->emplace_back(sdk::view(document->key), sdk::view(document->value));
    return GANTRY_OK;
  }

 private:
  Folder folder_;
  fake::Settings settings_;
  const uint32_t shard_count_;
  std::unique_ptr<fake::Host> host_;
  fake::Instance* store_ = nullptr;
};

}  // namespace gantry::testing
