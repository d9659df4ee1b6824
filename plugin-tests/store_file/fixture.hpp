// Index: store_file in the fake host over one temporary store root, fed record by record. start()
// and stop() may be called again and again: the folder stays until the end of the test.
#pragma once

#include <gantry/cap/log_consumer.h>
#include <gantry/cap/queue_index.h>
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpp/fake/host.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::testing {

namespace fake = sdk::fake;
namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "gantry-store-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

inline std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Record {
  std::string topic = "T";
  int32_t queue_id = 0;
  int64_t queue_offset = 0;
  int64_t log_offset = 0;
  int64_t tag_code = 0;
  int32_t sys_flag = 0;
  uint32_t size = 100;
  int64_t stored_ms = 0;
  std::string properties = {};

  gantry_message view() const {
    gantry_message out{};
    out.struct_size = sizeof out;
    out.topic = sdk::str(topic);
    out.queue_id = queue_id;
    out.queue_offset = queue_offset;
    out.log_offset = log_offset;
    out.tag_code = tag_code;
    out.sys_flag = sys_flag;
    out.record_size = size;
    out.stored_ms = stored_ms;
    out.property_text = sdk::str(properties);
    return out;
  }
};

// An inner batch of `count` messages, as the log stores it.
inline Record batch_record(int64_t log_offset, int64_t base, int32_t count, int64_t stored_ms = 0) {
  std::string properties;
  fake::add_property(properties, "INNER_NUM", std::to_string(count));
  fake::add_property(properties, "INNER_BASE", std::to_string(base));
  return {.topic = "B",
          .queue_offset = base,
          .log_offset = log_offset,
          .sys_flag = 0xc0,
          .stored_ms = stored_ms,
          .properties = properties};
}

struct Fed {
  gantry_status status = GANTRY_OK;
  uint32_t consumed = 0;
  std::string error;
};

struct Read {
  gantry_status status = GANTRY_OK;
  std::vector<gantry_index_entry> units;
};

// The module with a consumer that doesn't hear of the log's begin: what is fed by hand lies before
// the fake log.
class FedByHand {
 public:
  explicit FedByHand(const gantry_plugin& plugin) : plugin_(plugin), module_(*plugin.modules[0]) {
    for (uint32_t i = 0; i < module_.offer_count; ++i) {
      offers_.push_back(*module_.offers[i]);
      if (std::string_view(offers_.back().id) != GANTRY_CAP_LOG_CONSUMER) continue;
      real_ = static_cast<const gantry_log_consumer*>(offers_.back().table);
      deaf_ = *real_;
      deaf_.trimmed = [](gantry_instance*, const gantry_call*, int64_t) {};
      offers_.back().table = &deaf_;
    }
    for (const gantry_offer& offer : offers_) pointers_.push_back(&offer);
    module_.offers = pointers_.data();
    plugin_.modules = modules_;
  }
  FedByHand(const FedByHand&) = delete;
  FedByHand& operator=(const FedByHand&) = delete;

  const gantry_plugin& plugin() const { return plugin_; }
  const gantry_log_consumer& consumer() const { return *real_; }

 private:
  gantry_plugin plugin_;
  gantry_module module_;
  const gantry_module* modules_[1] = {&module_};
  std::vector<gantry_offer> offers_;
  std::vector<const gantry_offer*> pointers_;
  const gantry_log_consumer* real_ = nullptr;
  gantry_log_consumer deaf_{};
};

class Index {
 public:
  // The fake log stands far behind everything that is fed, so the host neither replays nor
  // truncates.
  static constexpr int64_t far = int64_t{1} << 40;

  explicit Index(fake::Settings settings = {}, int64_t log_begin = far,
                 const gantry_plugin& plugin = gantry_plugin_v1)
      : by_hand_(plugin),
        plugin_(log_begin == far ? by_hand_.plugin() : plugin),
        settings_(std::move(settings)),
        log_begin_(log_begin) {
    settings_.try_emplace("key_index", false);  // its files are large; it has tests of its own
    start();
  }

  fs::path root() const { return folder_.path; }
  fs::path queue(const std::string& name) const { return root() / "consumequeue" / name; }
  fs::path own() const { return root() / "gantry" / "store_file"; }
  fs::path position_file() const { return own() / "position"; }
  fs::path bounds_file() const { return own() / "bounds"; }
  fake::Host& host() { return *host_; }
  fake::Log& log() { return *log_; }
  fake::Instance& instance() { return *store_; }
  gantry_instance* self() { return store_->self(); }
  const gantry_log_consumer& consumer() const { return by_hand_.consumer(); }
  const gantry_queue_index& index() {
    return store_->table<gantry_queue_index>(GANTRY_CAP_QUEUE_INDEX);
  }

  void start() {
    if (!log_) log_ = std::make_unique<fake::Log>(log_begin_);
    host_.reset();  // a host lets go of its log when it ends: not after the next one took it
    host_ = std::make_unique<fake::Host>(
        fake::HostOptions{.data_dir = root().string(), .log = log_.get()});
    store_ = &host_->load(plugin_, "store_file", settings_);
    host_->start();
  }
  void stop() { host_->stop(); }
  void kill() { host_->kill(); }
  void restart() {
    stop();
    start();
  }
  void set(const std::string& key, int64_t value) { settings_.insert_or_assign(key, value); }

  Fed feed(const std::vector<gantry_message>& messages) {
    Fed out;
    gantry_batch batch{};
    batch.struct_size = sizeof batch;
    batch.stride = sizeof(gantry_message);
    batch.count = static_cast<uint32_t>(messages.size());
    batch.first = messages.data();
    host_->on_shard([&](const gantry_call& call) {
      out.status = consumer().consume(self(), &call, &batch, &out.consumed);
      out.error = call.error->text;
    });
    return out;
  }
  Fed feed(const std::vector<Record>& records) {
    std::vector<gantry_message> messages;
    for (const Record& record : records) messages.push_back(record.view());
    return feed(messages);
  }
  // count records of one queue, 100 bytes each, from a log offset on.
  void feed_run(int64_t log_offset, int64_t queue_offset, int64_t count,
                const std::string& topic = "T") {
    std::vector<Record> records;
    for (int64_t i = 0; i < count; ++i) {
      records.push_back({.topic = topic,
                         .queue_offset = queue_offset + i,
                         .log_offset = log_offset + i * 100,
                         .tag_code = -i});
    }
    REQUIRE(feed(records).status == GANTRY_OK);
  }

  std::pair<gantry_status, int64_t> try_persist(int64_t stable) {
    std::pair<gantry_status, int64_t> out{GANTRY_OK, -1};
    host_->on_worker([&](const gantry_call& call) {
      out.first = consumer().persist(self(), &call, stable, &out.second);
    });
    return out;
  }
  int64_t persist(int64_t stable) {
    const auto [status, persisted] = try_persist(stable);
    REQUIRE(status == GANTRY_OK);
    return persisted;
  }
  int64_t position() {
    int64_t out = -1;
    REQUIRE(consumer().position(self(), &out, nullptr) == GANTRY_OK);
    return out;
  }
  void truncate(int64_t log_offset) {
    REQUIRE(consumer().truncate(self(), log_offset, nullptr) == GANTRY_OK);
  }

  void trimmed(int64_t min_log_offset) {
    host_->on_worker(
        [&](const gantry_call& call) { consumer().trimmed(self(), &call, min_log_offset); });
  }
  int64_t at_time(const std::string& topic, bool upper, int64_t time_ms, int32_t id = 0) {
    int64_t out = -1;
    gantry_status status = GANTRY_FAULT;
    host_->on_worker([&](const gantry_call& call) {
      status = index().at_time(self(), &call, sdk::str(topic), id, upper, time_ms, &out);
    });
    REQUIRE(status == GANTRY_OK);
    return out;
  }

  // What the instance has promised, to be put back later: a crash before the newer promise.
  std::map<fs::path, std::string> promises() const {
    std::map<fs::path, std::string> out;
    for (const auto& path : {position_file(), bounds_file()}) out[path] = bytes_of(path);
    return out;
  }
  static void put_back(const std::map<fs::path, std::string>& promises) {
    for (const auto& [path, bytes] : promises) {
      std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    }
  }

  std::optional<std::pair<int64_t, int64_t>> bounds(const std::string& topic, int32_t id = 0) {
    gantry_queue_bounds out{-1, -1};
    gantry_status status = GANTRY_FAULT;
    host_->on_shard([&](const gantry_call& call) {
      status = index().bounds(self(), &call, sdk::str(topic), id, &out);
    });
    if (status == GANTRY_OK) return std::pair{out.min, out.max};
    REQUIRE(status == GANTRY_GONE);
    REQUIRE((out.min == 0 && out.max == 0));
    return std::nullopt;
  }
  Read read(const std::string& topic, int64_t from, uint32_t capacity, bool may_block,
            int32_t id = 0) {
    Read out;
    out.units.resize(capacity);
    uint32_t count = 0;
    const auto run = [&](const gantry_call& call) {
      out.status = index().read(self(), &call, sdk::str(topic), id, may_block, from,
                                out.units.data(), capacity, &count);
    };
    if (may_block) {
      host_->on_worker(run);
    } else {
      host_->on_shard(run);
    }
    out.units.resize(count);
    return out;
  }
  // All units of a queue from disk and memory; fails the test where one is missing.
  std::vector<gantry_index_entry> all(const std::string& topic, int32_t id = 0) {
    std::vector<gantry_index_entry> out;
    const auto known = bounds(topic, id);
    if (!known) return out;
    for (int64_t at = known->first; at < known->second;) {
      const Read read_now = read(topic, at, 100, true, id);
      REQUIRE(read_now.status == GANTRY_OK);
      REQUIRE(!read_now.units.empty());
      out.insert(out.end(), read_now.units.begin(), read_now.units.end());
      at += static_cast<int64_t>(read_now.units.size());
    }
    return out;
  }

 private:
  Folder folder_;
  const FedByHand by_hand_;
  const gantry_plugin& plugin_;
  fake::Settings settings_;
  const int64_t log_begin_;
  std::unique_ptr<fake::Log> log_;
  std::unique_ptr<fake::Host> host_;
  fake::Instance* store_ = nullptr;
};

}  // namespace gantry::testing
