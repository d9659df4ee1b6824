// The settings of the key index, and the options they and the host make. Constants; control thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "cpp/host.hpp"
#include "cpp/module.hpp"
#include "key_index.hpp"

namespace gantry::store_file {

inline constexpr gantry_setting setting_key_index = sdk::setting_bool(
    "key_index",
    "Index records by key, unique key and tag. Without it queries by key find nothing; turned on "
    "again later, it is rebuilt from the log.",
    true);
inline constexpr gantry_setting setting_index_slots = sdk::setting_i64(
    "index_slots",
    "Hash slots of a key index file, 4 bytes each; memory holds those that have changed for up to a "
    "minute. It must be what the Java broker that shares the folder uses (maxHashSlotNum); another "
    "number rebuilds the key index.",
    5'000'000, 1, 20'000'000);
inline constexpr gantry_setting setting_index_entries = sdk::setting_i64(
    "index_entries",
    "Entries of a key index file, one more than it takes keys, 20 bytes each. It must be what the "
    "Java broker that shares the folder uses (maxIndexNum); another number rebuilds the key index.",
    20'000'000, 2, 100'000'000);

// The host outlives them.
inline KeyIndex::Options key_options(sdk::Host host) {
  const Disk::Path root = host.data_dir();
  KeyIndex::Options options;
  options.folder = root / "index";
  options.position_path = root / "gantry" / host.name() / "keys";
  options.shape.slots = static_cast<int32_t>(host.setting_i64("index_slots"));
  options.shape.entries = static_cast<int32_t>(host.setting_i64("index_entries"));
  options.now_ms = [host] { return host.now_ms(); };
  options.note = [host](const std::string& text) { host.warn(text); };
  return options;
}

// Null when the settings have it off.
inline std::unique_ptr<KeyIndex> make_key_index(sdk::Host host, Disk& disk) {
  KeyIndex::Options options = key_options(host);
  if (host.setting_bool("key_index")) return std::make_unique<KeyIndex>(disk, std::move(options));
  disk.remove(options.position_path);  // not kept up, it must not be believed later
  return nullptr;
}

}  // namespace gantry::store_file
