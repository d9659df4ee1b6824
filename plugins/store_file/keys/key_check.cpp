#include "key_check.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cpp/barrier.hpp"
#include "key_text.hpp"

namespace gantry::store_file {
namespace {

constexpr int32_t block_entries = 4096;

std::string of(const std::string& file, int32_t number) {
  return "entry " + std::to_string(number) + " of key file " + file;
}

}  // namespace

KeyCheck::KeyCheck(Disk& disk, KeyIndex::Options options, Finding finding)
    : disk_(disk), options_(std::move(options)), finding_(std::move(finding)) {}

int64_t KeyCheck::open() {
  const auto known = read_key_position(disk_, options_.position_path);
  if (!known) {
    if (disk_.exists(options_.position_path)) {
      finding_(options_.position_path.string() + " is damaged");
    }
    return 0;
  }
  if (known->shape.slots != options_.shape.slots ||
      known->shape.entries != options_.shape.entries) {
    throw sdk::Refusal(GANTRY_INVALID, "index_slots and index_entries are not those of " +
                                           options_.position_path.string());
  }
  known_ = *known;
  for (const std::string& name : disk_.list(options_.folder)) {
    if (!is_key_file_name(name) || name < known_.first || name > known_.newest) continue;
    const auto file = disk_.open(options_.folder / name, Open::read);
    const auto header = read_key_header(file.get(), options_.shape);
    const bool newest = name == known_.newest;
    if (!header || (!newest && header->count != options_.shape.entries)) {
      throw sdk::Refusal(GANTRY_FAULT, "key file " + name + " is damaged");
    }
    if (newest && known_.closed && *header != known_.header) {
      finding_("key file " + name + " has another header than its position tells");
    }
    names_.push_back(name);
    headers_.push_back(newest ? known_.header : *header);
  }
  if (static_cast<int64_t>(names_.size()) != known_.files) {
    finding_(options_.folder.string() + " holds " + std::to_string(names_.size()) + " of " +
             std::to_string(known_.files) + " key files");
  }
  return known_.log_offset;
}

void KeyCheck::load_block() {
  const std::string& name = names_[cursor_.file];
  if (!file_) {
    file_ = disk_.open(options_.folder / name, Open::read);
    cursor_.slots.assign(static_cast<size_t>(options_.shape.slots), 0);
    cursor_.used_slots = 0;
  }
  cursor_.block.clear();
  cursor_.block_at = cursor_.number;
  const int32_t end = std::min(headers_[cursor_.file].count, cursor_.number + block_entries);
  each_entry(*file_, options_.shape, cursor_.number, end,
             [&](int32_t, const KeyEntry& entry) { cursor_.block.push_back(entry); });
}

std::optional<KeyCheck::Place> KeyCheck::peek() {
  while (cursor_.file < names_.size()) {
    const KeyHeader& header = headers_[cursor_.file];
    if (cursor_.number >= header.count) {
      end_file();
      continue;
    }
    const auto in_block = static_cast<size_t>(cursor_.number - cursor_.block_at);
    if (!file_ || in_block >= cursor_.block.size()) {
      load_block();
      continue;
    }
    return Place{names_[cursor_.file], cursor_.number, cursor_.block[in_block], header.begin_ms};
  }
  return std::nullopt;
}

// Takes the entry that peek() shows: it must be linked to the newest one of its slot before it.
void KeyCheck::advance() {
  const KeyEntry& entry = cursor_.block[static_cast<size_t>(cursor_.number - cursor_.block_at)];
  const std::string& name = names_[cursor_.file];
  if (entry.hash < 0) {
    finding_(of(name, cursor_.number) + " has hash " + std::to_string(entry.hash));
  } else {
    int32_t& slot = cursor_.slots[static_cast<size_t>(entry.hash % options_.shape.slots)];
    if (entry.previous != slot) {
      finding_(of(name, cursor_.number) + " leads to " + std::to_string(entry.previous) +
               ", the one before it in its chain is " + std::to_string(slot));
    }
    cursor_.used_slots += slot == 0;
    slot = cursor_.number;
  }
  ++cursor_.number;
}

// The slots of a file that is not written any more are those its entries make.
void KeyCheck::end_file() {
  const std::string& name = names_[cursor_.file];
  const bool newest = name == known_.newest;
  if (file_ && (!newest || known_.closed)) {
    SlotTable stored(options_.shape, file_);
    stored.load();
    int64_t wrong = 0;
    stored.each_held([&](int32_t slot, int32_t number) {
      int32_t& expected = cursor_.slots[static_cast<size_t>(slot)];
      wrong += number != expected;
      expected = 0;
    });
    for (const int32_t expected : cursor_.slots) wrong += expected != 0;  // the file has none
    if (wrong > 0) {
      finding_(std::to_string(wrong) + " slots of key file " + name +
               " don't lead to the newest entry of their chain");
    }
    if (headers_[cursor_.file].used_slots != cursor_.used_slots) {
      finding_("key file " + name + " tells of " +
               std::to_string(headers_[cursor_.file].used_slots) + " used slots, it has " +
               std::to_string(cursor_.used_slots));
    }
  }
  file_.reset();
  cursor_ = {.file = cursor_.file + 1, .number = 1, .block_at = 0, .block = {}, .slots = {}};
}

void KeyCheck::check_entry(const Place& place, const gantry_message& message, int32_t hash) {
  const std::string record = "record " + std::to_string(message.log_offset);
  ++compared_;
  if (place.entry.hash != hash) {
    finding_(of(place.file, place.number) + " has hash " + std::to_string(place.entry.hash) +
             ", the key of " + record + " has " + std::to_string(hash));
  }
  if (place.number == 1) return;  // counted from the end of the file before
  const KeyHeader begin{.begin_ms = place.begin_ms};
  if (place.entry.seconds != begin.seconds_of(message.stored_ms)) {
    finding_(of(place.file, place.number) + " has time " + std::to_string(place.entry.seconds) +
             " s, " + record + " " + std::to_string(begin.seconds_of(message.stored_ms)) + " s");
  }
}

// A file is dropped only when all its records are gone, so every record of the log has all its
// keys.
void KeyCheck::check(const gantry_message& message) {
  if (log_begin_ < 0) log_begin_ = message.log_offset;
  const int64_t end = message.log_offset + message.record_size;
  if (end > known_.log_offset) return;
  auto place = peek();
  for (; place && place->entry.log_offset < message.log_offset; place = peek()) {
    if (place->entry.log_offset >= log_begin_) {
      finding_(of(place->file, place->number) + " tells of " +
               std::to_string(place->entry.log_offset) + ", where no record has such a key");
    }
    advance();
  }
  hash_keys(message, hashes_);
  for (const int32_t hash : hashes_) {
    if (!place || place->entry.log_offset != message.log_offset) {
      return finding_("record " + std::to_string(message.log_offset) + " lacks key entries");
    }
    check_entry(*place, message, hash);
    advance();
    place = peek();
  }
}

uint64_t KeyCheck::close(int64_t log_begin) {
  uint64_t left = 0;
  int64_t first = 0;
  for (auto place = peek(); place; place = peek()) {
    if (place->entry.log_offset >= log_begin && left++ == 0) first = place->entry.log_offset;
    advance();
  }
  if (left > 0) {
    finding_(std::to_string(left) + " key entries from " + std::to_string(first) +
             " on tell of records that the log doesn't hold or that have no such key");
  }
  return compared_;
}

}  // namespace gantry::store_file
