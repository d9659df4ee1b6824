// Loader: what a start learns of the queues: from the table of bounds, or where that is no use from
// a walk through their files. Control thread, before anybody else uses table or files.
#pragma once

#include <optional>
#include <string>

#include "bounds_table.hpp"
#include "position.hpp"
#include "queue_files.hpp"
#include "queue_table.hpp"

namespace gantry::store_file {

// Sets a queue to what a line of the table says.
void restore(const StoredQueue& line, QueueTable& queues);

// Are the files there that the queues, as restored, must have? Returns what is wrong.
std::optional<std::string> miss_files(Disk& disk, QueueFiles& files, QueueTable& queues);

// Fills the empty table by reading the files as of `position`; what they hold beyond it doesn't
// count. Returns what keeps them from being its state (a lost or resized file): the table is empty
// then.
std::optional<std::string> walk_files(const Position& position, Disk& disk, QueueFiles& files,
                                      QueueTable& queues);

// Erases whatever the files hold beyond the queues' ends, and files of queues that aren't known.
void erase_beyond(Disk& disk, QueueFiles& files, QueueTable& queues);

// Removes every queue file, and nothing else, so a rebuild starts from empty folders. Returns how
// many there were.
size_t remove_queue_files(Disk& disk, QueueFiles& files);

// What a position tells beside its place; all queues' stored units count.
Position fingerprint(QueueTable& queues);

}  // namespace gantry::store_file
