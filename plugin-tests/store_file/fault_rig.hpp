// RigOn: store_file on a disk that fails to order (OnFaulty) or by seed (OnLying), fed in rounds
// whose records it knows again. One at a time; lives as long as the test.
#pragma once

#include "faulty_disk.hpp"
#include "fixture.hpp"
#include "store_file/store_file.hpp"
#include "support/lying_store_disk.hpp"

namespace gantry::testing {

// Of the instance to be made; a module's create has no other way in.
inline store_file::Disk* disk = nullptr;

class OnFaultyDisk : public store_file::StoreFile {
 public:
  explicit OnFaultyDisk(const gantry_host* host) : StoreFile(host, *disk) {}
};

// The plugin as it is, with instances on the faulty disk.
inline const gantry_plugin& plugin_on_faulty_disk() {
  static const gantry_module module = [] {
    gantry_module out = *gantry_plugin_v1.modules[0];
    out.create = sdk::module<OnFaultyDisk>({.name = "store_file"}).create;
    return out;
  }();
  static const gantry_module* const modules[] = {&module};
  static const gantry_plugin plugin = [] {
    gantry_plugin out = gantry_plugin_v1;
    out.modules = modules;
    return out;
  }();
  return plugin;
}

inline const fake::Settings small_files{
    {"consume_queue_file_bytes", 200}, {"batch_queue_file_bytes", 460}, {"recent_units", 0}};

struct OnFaulty {
  OnFaulty() { disk = &faulty; }
  FaultyDisk faulty;
};

// Any subset of what is not synced may survive the power, torn at sectors.
struct OnLying {
  explicit OnLying(uint64_t seed) : memory(seed) { disk = &lying; }
  LyingDisk memory;
  LyingStoreDisk lying{memory};
};

template <class Disk>
struct RigOn : Disk {
  using Disk::Disk;

  Index index{small_files, Index::far, plugin_on_faulty_disk()};

  // Round r: five records of T, one of a queue of its own, one inner batch; 100 bytes each.
  void feed(int64_t round) {
    const int64_t at = round * 700;
    std::vector<Record> records;
    for (int64_t i = 0; i < 5; ++i) {
      records.push_back({.queue_offset = round * 5 + i, .log_offset = at + i * 100});
    }
    records.push_back(
        {.topic = "new" + std::to_string(round), .queue_offset = 3, .log_offset = at + 500});
    records.push_back(batch_record(at + 600, round * 4, 4));
    REQUIRE(index.feed(records).consumed == records.size());
  }
  // The rounds that come again from a position on.
  void feed_from(int64_t position, int64_t rounds) {
    for (int64_t round = position / 700; round < rounds; ++round) feed(round);
  }
  void check(int64_t rounds) {
    const auto units = index.all("T");
    REQUIRE(units.size() == static_cast<size_t>(rounds * 5));
    for (int64_t i = 0; i < rounds * 5; ++i) {
      CHECK(units[static_cast<size_t>(i)].log_offset == i / 5 * 700 + i % 5 * 100);
    }
    for (int64_t round = 0; round < rounds; ++round) {
      const Read read = index.read("new" + std::to_string(round), 3, 2, true);
      REQUIRE(read.units.size() == 1);
      CHECK(read.units[0].log_offset == round * 700 + 500);
      const Read batch = index.read("B", round * 4 + 2, 1, true);
      REQUIRE(batch.units.size() == 1);
      CHECK((batch.units[0].log_offset == round * 700 + 600 && batch.units[0].span == 4));
    }
    CHECK(index.bounds("B")->second == rounds * 4);
  }
};

using Rig = RigOn<OnFaulty>;

}  // namespace gantry::testing
