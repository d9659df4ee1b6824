// File check: is data.mdb what LMDB wrote? LMDB trusts its pages: a cut or overwritten file ends
// the process at the first read. So every page that can be reached is looked at once before it is
// opened. Pure but for reading the file; control thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace gantry::metadata_lmdb {

// What is wrong with the file; nothing when it is sound, empty or not there.
std::optional<std::string> find_damage(const std::filesystem::path& file);

}  // namespace gantry::metadata_lmdb
