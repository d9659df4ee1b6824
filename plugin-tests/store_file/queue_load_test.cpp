// The properties of the fuzz target, over a few thousand damaged inputs: in every build.
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "fuzz/store_file/queue_properties.hpp"
#include "store_file/bounds_table.hpp"
#include "store_file/unit.hpp"
#include "support/lying_store_disk.hpp"
#include "support/rng.hpp"

namespace gantry::testing {
namespace {

using Bytes = std::vector<uint8_t>;

// The input's first byte chooses.
enum class Kind : uint8_t { table, lines, position, files };

void check_broken(Kind kind, const Bytes& bytes) {
  Bytes input{static_cast<uint8_t>(kind)};
  input.insert(input.end(), bytes.begin(), bytes.end());
  const std::string broken = broken_queue_load(input);
  if (!broken.empty()) FAIL_CHECK(broken);
}

Bytes sound_table() {
  LyingDisk memory(1);
  LyingStoreDisk disk(memory);
  disk.create_folders("/t");
  store_file::BoundsTable table(disk, "/t/bounds");
  store_file::BoundsTable::Lines lines;
  lines.add({.topic = "T", .id = 0, .min = 3, .max = 9, .min_log = 300, .first = 3, .end = 9});
  lines.add({.topic = "B", .id = 1, .batch = true, .min = 5, .max = 40, .first = 1, .end = 4});
  table.replace({.log_offset = 1000, .file_bytes = 200}, lines);
  table.append({.log_offset = 1100, .file_bytes = 200}, lines);
  const auto file = disk.open("/t/bounds", store_file::Open::read);
  Bytes out(static_cast<size_t>(file->size()));
  REQUIRE(file->read(out, 0) == out.size());
  return out;
}

// A place, then four files whose units are sound but for what the random numbers break.
Bytes queue_files(Rng& rng) {
  Bytes out(8 + 2 * 200 + 2 * 460);
  const int64_t place = static_cast<int64_t>(rng.below(5000));
  std::memcpy(out.data(), &place, sizeof place);
  const auto units = static_cast<int64_t>(rng.below(21));
  for (int64_t i = 0; i < units; ++i) {
    const gantry_index_entry entry{i * 100, i, 100, 3};
    store_file::encode_unit(entry, &out[static_cast<size_t>(8 + i * 20)]);
    store_file::encode_unit(store_file::BatchUnit{entry, i, i * 3},
                            &out[static_cast<size_t>(408 + i * 46)]);
  }
  for (uint64_t flips = rng.below(8); flips > 0; --flips) {
    out[8 + rng.below(out.size() - 8)] = static_cast<uint8_t>(rng.below(256));
  }
  return out;
}

TEST_CASE("a table of bounds with any one byte changed, or cut anywhere, is sound or refused") {
  const Bytes sound = sound_table();
  for (size_t at = 0; at < sound.size(); ++at) {
    Bytes flipped = sound;
    flipped[at] ^= 0x81;
    check_broken(Kind::table, flipped);
    check_broken(Kind::table, Bytes(sound.begin(), sound.begin() + static_cast<ptrdiff_t>(at)));
  }
}

TEST_CASE("lines with a right checksum are looked at all the same") {
  Rng rng(1);
  for (int round = 0; round < 500; ++round) {
    Bytes bytes(rng.below(200));
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.below(4) ? 0 : rng.below(256));
    check_broken(Kind::lines, bytes);
  }
}

TEST_CASE("a damaged position is refused or reads as what it says") {
  const std::string text =
      "gantry.store_file.position 2\nlog_offset 1000\nqueues 2\nunits 20\nfile_bytes 200\n"
      "batch_file_bytes 460\n";
  for (size_t at = 0; at < text.size(); ++at) {
    Bytes bytes(text.begin(), text.end());
    bytes[at] ^= 0x11;
    check_broken(Kind::position, bytes);
  }
}

TEST_CASE("queue files with any units in them are walked to sound queues or refused") {
  Rng rng(2);
  for (int round = 0; round < 1500; ++round) check_broken(Kind::files, queue_files(rng));
}

}  // namespace
}  // namespace gantry::testing
