// A query: keys that wait for save first, then files from the newest to the oldest.
#include <algorithm>
#include <utility>

#include "cpp/values.hpp"
#include "key_index.hpp"
#include "key_text.hpp"

namespace gantry::store_file {
namespace {

// What the waiting keys will be in the newest file and those behind it: the same header rules, so
// that a query finds the same before and after they are written.
struct Ahead {
  struct File {
    KeyHeader header;
    std::vector<int64_t> hits;  // oldest first
  };

  Ahead(const KeyFileShape& its_shape, const KeyHeader& newest) : shape(its_shape) {
    files.push_back({newest, {}});
  }

  void take(const KeySearch& search, const KeyRecord& record) {
    if (files.back().header.count >= shape.entries) {
      files.push_back({files.back().header.successor(), {}});
    }
    File& file = files.back();
    const int32_t seconds = file.header.seconds_of(record.stored_ms);
    file.header.take(record, 0);
    const int64_t stored_ms = file.header.begin_ms + int64_t{seconds} * 1000;
    if (search.wants(record.hash, stored_ms)) file.hits.push_back(record.log_offset);
  }

  const KeyFileShape& shape;
  std::vector<File> files;  // oldest first
};

void search_ahead(const Ahead::File& file, KeySearch& search) {
  for (auto hit = file.hits.rbegin(); hit != file.hits.rend() && search.take(*hit); ++hit) {
  }
}

}  // namespace

void KeyIndex::find(const gantry_key_query& query, gantry_key_hits& hits) {
  KeySearch search{.hash = key_hash(sdk::view(query.topic), query.kind, sdk::view(query.key)),
                   .begin_ms = query.begin_ms,
                   .end_ms = query.end_ms,
                   .room = {hits.log_offsets, hits.capacity}};
  std::vector<Sealed> older;
  const bool go_on = find_newest(search, hits, older);
  for (auto file = older.rbegin(); go_on && file != older.rend(); ++file) {
    if (file->header.overlaps(search.begin_ms, search.end_ms)) {
      // Null: trimmed since.
      const auto opened = disk_.open(options_.folder / file->name, Open::read);
      if (opened) search_sealed(*opened, options_.shape, file->header, search);
    }
    if (search.ends_at(file->header)) break;
  }
  hits.count = search.count;
  hits.more = search.more ? 1 : 0;
}

// Under the lock: a key moves from the buffer to the newest file in between.
bool KeyIndex::find_newest(KeySearch& search, gantry_key_hits& hits, std::vector<Sealed>& older) {
  const std::shared_lock lock(files_guard_);
  older = sealed_;
  Ahead ahead(options_.shape, newest_ ? newest_->header() : KeyHeader());
  buffer_.each([&](const KeyRecord& record) { ahead.take(search, record); });
  const KeyHeader& newest = ahead.files.back().header;
  hits.newest_ms = newest.count > 1 ? newest.end_ms : 0;
  hits.newest_log_offset = newest.count > 1 ? newest.end_offset : 0;
  for (auto file = ahead.files.rbegin(); file != ahead.files.rend(); ++file) {
    const bool in_file = newest_ && std::next(file) == ahead.files.rend();
    if (file->header.overlaps(search.begin_ms, search.end_ms)) {
      search_ahead(*file, search);
      if (in_file && !search.more) newest_->search(search);
    }
    if (search.ends_at(file->header)) return false;
  }
  return true;
}

}  // namespace gantry::store_file
