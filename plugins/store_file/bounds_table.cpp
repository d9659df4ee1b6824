#include "bounds_table.hpp"

#include <zlib.h>

#include <array>
#include <cstring>
#include <span>

#include "unit.hpp"

namespace gantry::store_file {
namespace {

// An entry, big-endian: u32 magic, u32 checksum of all that follows, i64 bytes of lines, i64 log
// offset, i64 file bytes, i64 batch file bytes, u32 flags, u32 lines; then the lines: u16 topic
// bytes, topic, i32 queue id, u32 kind, i64 min, max, min_log, and of a batch queue i64 first, end.
constexpr uint32_t magic = 0x47514254;  // GQBT
constexpr size_t head_bytes = 48;
constexpr size_t check_from = 8;  // of the head, the first byte its checksum covers
constexpr uint32_t flag_cutting = 1;
constexpr size_t topic_bytes_max = 255;
constexpr size_t piece_bytes = size_t{1} << 20;          // of a file, read at once
constexpr int64_t changes_bytes_min = int64_t{1} << 20;  // never worth a new table

uint32_t checksum(uint32_t before, std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(::crc32_z(before, bytes.data(), bytes.size()));
}

template <class Int>
void put(std::vector<uint8_t>& out, Int value) {
  out.resize(out.size() + sizeof value);
  store_big<std::make_unsigned_t<Int>>(&out[out.size() - sizeof value],
                                       static_cast<std::make_unsigned_t<Int>>(value));
}

// Takes values off the front; a value that isn't all there makes the reader bad.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : left_(bytes) {}

  template <class Int>
  Int number() {
    const auto bytes = take(sizeof(Int));
    return bytes.empty() ? Int{} : load_big<Int>(bytes.data());
  }
  std::string_view text(size_t size) {
    const auto bytes = take(size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  bool bad() const { return bad_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::span<const uint8_t> take(size_t size) {
    if (size > left_.size()) bad_ = true;
    if (bad_) return {};
    const auto out = left_.first(size);
    left_ = left_.subspan(size);
    return out;
  }

  std::span<const uint8_t> left_;
  bool bad_ = false;
};

StoredQueue read_line(Reader& from) {
  StoredQueue out;
  out.topic = from.text(from.number<uint16_t>());
  out.id = from.number<int32_t>();
  out.batch = from.number<uint32_t>() != 0;
  out.min = from.number<int64_t>();
  out.max = from.number<int64_t>();
  out.min_log = from.number<int64_t>();
  out.first = out.batch ? from.number<int64_t>() : out.min;
  out.end = out.batch ? from.number<int64_t>() : out.max;
  return out;
}

// Could the table have written this?
bool is_sound(const StoredQueue& queue) {
  const auto in_order = [](int64_t low, int64_t high) {
    return 0 <= low && low <= high && high <= queue_offset_max;
  };
  return !queue.topic.empty() && queue.topic.size() <= topic_bytes_max && queue.topic != "." &&
         queue.topic != ".." && queue.topic.find('/') == queue.topic.npos &&
         queue.topic.find('\0') == queue.topic.npos && queue.id >= 0 && queue.min_log >= 0 &&
         in_order(queue.min, queue.max) && in_order(queue.first, queue.end);
}

struct Entry {
  TableHead head;
  std::vector<uint8_t> lines;
  uint32_t count = 0;
  uint32_t check = 0;
  int64_t end = 0;  // in the file
};

std::array<uint8_t, head_bytes> encode_head(const TableHead& head, uint64_t bytes, uint32_t count) {
  std::array<uint8_t, head_bytes> out{};
  store_big<uint32_t>(&out[0], magic);
  store_big<uint64_t>(&out[8], bytes);
  store_big<uint64_t>(&out[16], static_cast<uint64_t>(head.log_offset));
  store_big<uint64_t>(&out[24], static_cast<uint64_t>(head.file_bytes));
  store_big<uint64_t>(&out[32], static_cast<uint64_t>(head.batch_file_bytes));
  store_big<uint32_t>(&out[40], head.cutting ? flag_cutting : 0);
  store_big<uint32_t>(&out[44], count);
  return out;
}

// The entry at `at`, when it is whole and follows one with this checksum. What can't be read is an
// error, not the table's end.
std::optional<Entry> read_entry(const DiskFile& file, int64_t size, int64_t at, uint32_t before) {
  std::array<uint8_t, head_bytes> head{};
  if (size - at < static_cast<int64_t>(head_bytes)) return {};
  file.read_all(head, at);
  if (load_big<uint32_t>(&head[0]) != magic) return {};
  Entry out;
  const auto bytes = load_big<int64_t>(&head[8]);
  const int64_t begin = at + static_cast<int64_t>(head_bytes);
  if (bytes < 0 || bytes > size - begin) return {};
  out.end = begin + bytes;
  out.check = checksum(before, std::span(head).subspan(check_from));
  out.lines.resize(static_cast<size_t>(bytes));
  for (size_t done = 0; done < out.lines.size();) {
    const auto piece =
        std::span(out.lines).subspan(done).first(std::min(piece_bytes, out.lines.size() - done));
    file.read_all(piece, begin + static_cast<int64_t>(done));
    out.check = checksum(out.check, piece);
    done += piece.size();
  }
  if (out.check != load_big<uint32_t>(&head[4])) return {};
  out.head = {load_big<int64_t>(&head[16]), load_big<int64_t>(&head[24]),
              load_big<int64_t>(&head[32]), (load_big<uint32_t>(&head[40]) & flag_cutting) != 0};
  out.count = load_big<uint32_t>(&head[44]);
  if (out.head.log_offset < 0) return {};
  return out;
}

// Says whether the entry is made of sound lines; if so, each() has them.
bool tell(const Entry& entry, const BoundsTable::Each& each) {
  Reader check(entry.lines);
  for (uint32_t i = 0; i < entry.count; ++i) {
    const StoredQueue queue = read_line(check);
    if (check.bad() || !is_sound(queue)) return false;
  }
  if (!check.at_end()) return false;
  Reader lines(entry.lines);
  for (uint32_t i = 0; i < entry.count; ++i) each(read_line(lines));
  return true;
}

}  // namespace

void BoundsTable::Lines::add(const StoredQueue& queue) {
  put(bytes_, static_cast<uint16_t>(queue.topic.size()));
  bytes_.insert(bytes_.end(), queue.topic.begin(), queue.topic.end());
  put(bytes_, queue.id);
  put(bytes_, uint32_t{queue.batch});
  for (const int64_t value : {queue.min, queue.max, queue.min_log}) put(bytes_, value);
  if (queue.batch) {
    for (const int64_t value : {queue.first, queue.end}) put(bytes_, value);
  }
  ++count_;
}

std::optional<TableHead> BoundsTable::load(const Each& each) const {
  const auto file = disk_.open(path_, Open::read);
  if (!file) return std::nullopt;
  const int64_t size = file->size();
  std::optional<TableHead> newest;
  uint32_t before = 0;
  for (int64_t at = 0; at < size;) {
    const auto entry = read_entry(*file, size, at, before);
    if (!entry || !tell(*entry, each)) break;
    newest = entry->head;
    before = entry->check;
    at = entry->end;
  }
  return newest;
}

bool BoundsTable::appendable() const {
  return file_ && end_ - table_bytes_ <= std::max(changes_bytes_min, 2 * table_bytes_);
}

void BoundsTable::replace(const TableHead& head, const Lines& all) {
  file_.reset();
  auto bytes = encode_head(head, all.bytes_.size(), all.count_);
  std::vector<uint8_t> entry(bytes.begin(), bytes.end());
  entry.insert(entry.end(), all.bytes_.begin(), all.bytes_.end());
  const uint32_t check = checksum(0, std::span(entry).subspan(check_from));
  store_big<uint32_t>(&entry[4], check);
  disk_.replace(path_, entry);
  file_ = disk_.open(path_, Open::write);
  check_ = check;
  table_bytes_ = end_ = static_cast<int64_t>(entry.size());
}

// The file is let go until the entry is synced: a failure makes the next one a whole table.
void BoundsTable::append(const TableHead& head, const Lines& changed) {
  const auto file = std::move(file_);
  auto bytes = encode_head(head, changed.bytes_.size(), changed.count_);
  std::vector<uint8_t> entry(bytes.begin(), bytes.end());
  entry.insert(entry.end(), changed.bytes_.begin(), changed.bytes_.end());
  const uint32_t check = checksum(check_, std::span(entry).subspan(check_from));
  store_big<uint32_t>(&entry[4], check);
  file->write(entry, end_);
  file->sync();
  file_ = file;
  check_ = check;
  end_ += static_cast<int64_t>(entry.size());
}

}  // namespace gantry::store_file
