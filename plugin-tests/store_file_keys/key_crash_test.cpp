// The key index on a disk that loses what is not synced, in any way it may: whatever happens, what
// a query finds is what the log says.
#include <algorithm>
#include <cstdlib>

#include "cpp/barrier.hpp"
#include "key_fixture.hpp"
#include "support/rng.hpp"

namespace gantry::testing {
namespace {

// One life of an index: a log of random records, saved, cut, trimmed and crashed at random.
class Life {
 public:
  // Slots beside the header in one sector, or in pages that get lost alone.
  explicit Life(uint64_t seed)
      : rng_(seed), keys_(seed, {.slots = seed % 2 == 0 ? 7 : 3001, .entries = 40}) {
    keys_.options.relink_max = static_cast<int32_t>(rng_.between(1, 60));
    open();
  }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      INFO("step " << step);
      try {
        act();
      } catch (const sdk::Refusal&) {  // the disk failed
        crash();
      }
      if (keys_.disk.off()) crash();
    }
    keys_.disk.stop_after(0);
    keys_.disk.fail_calls(0);
    crash();
    check();
  }
  void set_lies(const LyingDisk::Lies& lies) { keys_.disk.set_lies(lies); }

 private:
  void act() {
    switch (rng_.below(16)) {
      case 0: return save(rng_.between(durable_, end()));
      case 1: return save(end());
      case 2: keys_.disk.stop_after(rng_.below(40) + 1); return;
      case 3: keys_.disk.fail_calls(rng_.coin() ? 0 : 20'000); return;
      case 4: return truncate();
      case 5: return trim();
      case 6:
        keys_.index->close();
        return open();
      case 7: return crash();
      case 8: return check();
      default: return append(rng_.between(1, 8));
    }
  }

  int64_t end() const { return log_.empty() ? 0 : log_.back().end(); }

  void append(int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      KeyedRecord record;
      std::string keys;
      for (uint64_t k = rng_.below(4); k > 0; --k) {
        keys += "k" + std::to_string(rng_.below(9)) + " ";
      }
      record.properties = property("KEYS", keys);
      record.log_offset = end();
      record.stored_ms = now_ms_ += rng_.between(0, 3000);
      record.size = static_cast<uint32_t>(rng_.between(91, 300));
      keys_.add(record);
      log_.push_back(std::move(record));
    }
  }

  void save(int64_t stable) {
    const int64_t covered = keys_.index->save(stable);
    REQUIRE(covered <= std::max(stable, durable_));
    REQUIRE(covered == keys_.index->position());
    durable_ = std::max(durable_, covered);
  }

  // The log came back shorter, or another node's is the true one: never below what is stable.
  void truncate() {
    const int64_t keep = static_cast<int64_t>(log_.size()) - rng_.between(0, 30);
    log_.resize(static_cast<size_t>(std::max<int64_t>(keep, 0)));
    durable_ = std::min(durable_, end());
    keys_.index->truncate(end());
    REQUIRE(keys_.index->position() <= end());
  }

  void trim() {
    trimmed_ = std::max(trimmed_, rng_.between(0, end()));
    keys_.index->trimmed(trimmed_);
  }

  void crash() {
    keys_.disk.stop();
    rng_.below(4) == 0 ? keys_.disk.go_on() : keys_.disk.lose_power();
    // Starting may fail as well, again and again.
    for (;;) {
      try {
        return open();
      } catch (const sdk::Refusal&) {
        if (rng_.below(4) == 0) {
          keys_.disk.fail_calls(0);
          keys_.disk.stop_after(0);
        }
        keys_.disk.stop();
        rng_.below(4) == 0 ? keys_.disk.go_on() : keys_.disk.lose_power();
      }
    }
  }

  // As the host: what the position doesn't cover is replayed; a log that came back shorter is told.
  void open() {
    keys_.open();
    if (durable_ == 0) keys_.notes.clear();  // the first file, and no position yet
    REQUIRE(keys_.notes == std::vector<std::string>{});
    if (keys_.index->position() > end()) keys_.index->truncate(end());
    REQUIRE(keys_.index->position() >= durable_);
    durable_ = keys_.index->position();  // a save that failed may have come that far
    for (const KeyedRecord& record : log_) {
      if (record.end() > keys_.index->position()) keys_.add(record);
    }
  }

  void check() {
    for (int k = 0; k < 9; ++k) {
      const std::string key = "k" + std::to_string(k);
      std::vector<int64_t> expected;
      for (auto record = log_.rbegin(); record != log_.rend(); ++record) {
        const std::string text = record->properties.substr(5);
        for (size_t at = text.find(key); at != text.npos; at = text.find(key, at + 1)) {
          expected.push_back(record->log_offset);
        }
      }
      std::vector<int64_t> found = keys_.find(key, 0, Keys::ever, 100'000).log_offsets;
      // Trimming leaves a part of what is below.
      std::erase_if(found, [&](int64_t offset) { return offset < trimmed_; });
      std::erase_if(expected, [&](int64_t offset) { return offset < trimmed_; });
      INFO(key);
      REQUIRE(found == expected);
    }
  }

  Rng rng_;
  Keys keys_;
  std::vector<KeyedRecord> log_;
  int64_t now_ms_ = 1'000'000;
  int64_t durable_ = 0;  // what save has promised
  int64_t trimmed_ = 0;
};

}  // namespace

TEST_CASE("power cuts, failing calls, cuts and trims at any moment leave the key index right") {
  const char* set = std::getenv("GANTRY_SEED");
  const uint64_t first = set ? std::strtoull(set, nullptr, 10) : 1;
  const uint64_t last = set ? first : 400;
  for (uint64_t seed = first; seed <= last; ++seed) {
    INFO("GANTRY_SEED=" << seed);
    Life(seed).run(150);
  }
}

TEST_CASE("slots that a failed sync left in the system's memory alone are written again") {
  const int seed = GENERATE(range(1, 21));  // some of which lose the pages
  CAPTURE(seed);
  Keys keys(static_cast<uint64_t>(seed), {.slots = 3001, .entries = 40});
  const auto name = [](int64_t i) { return "k" + std::to_string(i * 7919); };  // in all pages
  const auto all_found = [&] {
    std::vector<int64_t> out;
    for (int i = 0; i < 30; ++i) {
      const auto found = keys.find(name(i)).log_offsets;
      out.insert(out.end(), found.begin(), found.end());
    }
    return out.size();
  };
  keys.options.relink_max = 1;
  keys.open();
  for (int64_t i = 0; i < 30; ++i) {
    keys.add({.properties = property("KEYS", name(i)), .log_offset = i * 100});
  }
  int syncs = 0;
  keys.store_disk.before_sync = [&](const std::filesystem::path& path) {
    // Of the new file, of its entries, of its slots.
    if (path.parent_path() == keys.options.folder && ++syncs == 3) keys.disk.fail_calls(1'000'000);
  };
  CHECK_THROWS_AS(keys.index->save(Keys::ever), sdk::Refusal);
  REQUIRE(syncs == 3);
  keys.disk.fail_calls(0);
  keys.add({.properties = property("KEYS", "more"), .log_offset = 3000});
  CHECK_THROWS_AS(keys.index->save(Keys::ever), sdk::Refusal);  // until a restart
  keys.disk.stop();
  keys.disk.go_on();
  keys.open();
  REQUIRE(keys.index->position() == 3000);
  CHECK(all_found() == 30);
  keys.index.reset();
  keys.disk.stop();
  keys.disk.lose_power();
  keys.open();
  CHECK(all_found() == 30);
}

TEST_CASE("files damaged in any byte are searched without end neither in time nor in the file") {
  Rng rng(7);
  Keys keys(7, {.slots = 7, .entries = 40});
  keys.open();
  for (int round = 0; round < 2000; ++round) {
    if (keys.files().size() < 3) {  // a rebuild took them
      for (int64_t i = 0; i < 100; ++i) {
        keys.add({.properties = property("KEYS", "k" + std::to_string(i % 5)),
                  .log_offset = i * 100,
                  .stored_ms = 1'000'000 + i});
      }
      keys.index->save(Keys::ever);
      keys.index->close();
    }
    const auto files = keys.files();
    REQUIRE(files.size() == 3);
    const std::string& name = files[rng.below(3)];
    const auto at = rng.below(keys.bytes(name).size());
    const auto size = static_cast<size_t>(rng.between(1, 8));
    keys.overwrite(name, at, std::string(size, static_cast<char>(rng.below(256))));
    if (round % 20 == 0) keys.open();
    for (const char* key : {"k0", "k3"}) {
      CHECK(keys.find(key, 0, Keys::ever, 1000).log_offsets.size() <= 200);
    }
  }
}

}  // namespace gantry::testing
