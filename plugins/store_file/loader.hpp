// Loader: learns at start, from a walk over the folders, which queues there are and where they end.
// What the files hold beyond the stored position was never promised: it is cut. Control thread,
// before anybody else uses table or files.
#pragma once

#include <optional>
#include <string>

#include "position.hpp"
#include "queue_files.hpp"
#include "queue_table.hpp"

namespace gantry::store_file {

// Fills the table with the queues as of `position`. Returns what keeps the files from being its
// state (a lost or resized file): then the table is empty and the index must be rebuilt from the
// log.
std::optional<std::string> load(const Position& position, QueueFiles& files, QueueTable& table);

// Removes every queue file, and nothing else, so a rebuild starts from an empty folder. Returns how
// many there were.
size_t remove_queue_files(QueueFiles& files);

}  // namespace gantry::store_file
