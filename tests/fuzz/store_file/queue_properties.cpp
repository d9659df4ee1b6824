#include "fuzz/store_file/queue_properties.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "store_file/bounds_table.hpp"
#include "store_file/loader.hpp"
#include "store_file/position.hpp"
#include "support/lying_disk.hpp"
#include "support/lying_store_disk.hpp"

namespace gantry::testing {
namespace {

using namespace store_file;

// Takes values off the front of the input; zeros when it has ended.
class Input {
 public:
  explicit Input(std::span<const uint8_t> bytes) : left_(bytes) {}

  template <class Int>
  Int number() {
    Int out{};
    const auto bytes = take(sizeof out);
    std::memcpy(&out, bytes.data(), bytes.size());
    return out;
  }
  std::span<const uint8_t> take(size_t size) {
    const auto out = left_.first(std::min(size, left_.size()));
    left_ = left_.subspan(out.size());
    return out;
  }
  std::span<const uint8_t> rest() { return take(left_.size()); }
  bool empty() const { return left_.empty(); }

 private:
  std::span<const uint8_t> left_;
};

struct Store {
  Store() {
    disk.create_folders("/store/gantry/store_file");
    disk.create_folders("/store/consumequeue");
  }
  void put(const std::string& path, std::span<const uint8_t> bytes) {
    disk.create_folders(std::filesystem::path(path).parent_path());
    disk.open(path, Open::create)->write(bytes, 0);
  }

  LyingDisk memory{1};
  LyingStoreDisk disk{memory};
  BoundsTable table{disk, "/store/gantry/store_file/bounds"};
  QueueFiles files{disk, {.root = "/store", .file_bytes = 200, .batch_file_bytes = 460}};
  QueueTable queues;
};

// Every queue of the table is what the index can work with.
std::string unsound(QueueTable& queues) {
  std::string out;
  queues.each([&](const Queue& queue) {
    const bool in_order = queue.min >= 0 && queue.min <= queue.max && queue.stored >= 0 &&
                          queue.units_begin() >= 0 && queue.units_begin() <= queue.units_end() &&
                          queue.max <= queue_offset_max + 0x7fff;
    if (!in_order) out = "a queue's bounds are out of order";
    if (queue.topic.name.find('/') != std::string::npos) out = "a topic leads elsewhere";
  });
  return out;
}

std::string table_of_bytes(Input input) {
  Store store;
  store.put("/store/gantry/store_file/bounds", input.rest());
  size_t lines = 0;
  const auto head = store.table.load([&](const StoredQueue& line) {
    ++lines;
    restore(line, store.queues);
  });
  if (!head && lines > 0) return "a table that is none has lines";
  miss_files(store.disk, store.files, store.queues);
  return unsound(store.queues);
}

// The checksum is right, so what the lines say must be looked at.
std::string table_of_lines(Input input) {
  Store store;
  BoundsTable::Lines lines;
  size_t added = 0;
  for (; !input.empty() && added < 100; ++added) {
    const auto topic = input.take(input.number<uint8_t>() % 20);
    StoredQueue line;
    line.topic = {reinterpret_cast<const char*>(topic.data()), topic.size()};
    line.id = input.number<int32_t>();
    line.batch = input.number<uint8_t>() % 2 == 1;
    line.min = input.number<int64_t>();
    line.max = input.number<int64_t>();
    line.min_log = input.number<int64_t>();
    line.first = line.batch ? input.number<int64_t>() : line.min;
    line.end = line.batch ? input.number<int64_t>() : line.max;
    lines.add(line);
  }
  store.table.replace({.log_offset = 5}, lines);
  size_t told = 0;
  const auto head = store.table.load([&](const StoredQueue& line) {
    ++told;
    restore(line, store.queues);
  });
  if (head && told != added) return "lines are missing";
  if (!head && told > 0) return "a table that is refused has lines";
  return unsound(store.queues);
}

std::string position_of_bytes(Input input) {
  Store store;
  const auto bytes = input.rest();
  store.put("/store/position", bytes);
  const auto position = read_position(store.disk, "/store/position");
  if (!position) return {};
  write_position(store.disk, "/store/again", *position);
  std::vector<uint8_t> again(bytes.size() + 1);
  const auto file = store.disk.open("/store/again", Open::read);
  again.resize(file->read(again, 0));
  return std::ranges::equal(bytes, again) ? "" : "a position reads as another one";
}

std::string units_are_sound(Store& store, const Queue& queue, int64_t log_offset) {
  const auto each = static_cast<size_t>(store.files.shape_of(queue).unit_bytes);
  std::array<uint8_t, batch_unit_bytes> bytes{};
  for (const int64_t number : {queue.units_begin(), queue.stored - 1}) {
    const auto unit = std::span(bytes).first(each);
    if (store.files.read(queue, number, unit, QueueFiles::Wait::yes) != 1) {
      return "a unit within the bounds can't be read";
    }
    const auto entry = decode_unit(bytes.data());
    if (!is_unit(entry)) return "what lies within the bounds is no unit";
    if (!is_blank(entry) && end_of(entry) > log_offset) return "a unit lies beyond the place";
  }
  return {};
}

// Two ordinary files and two of inner batches, read up to any place.
std::string walk_over_bytes(Input input) {
  Store store;
  Position position;
  position.log_offset = input.number<int64_t>() & log_offset_max;
  for (const auto& [folder, bytes] :
       {std::pair{"/store/consumequeue/T/0/", 200}, {"/store/batchconsumequeue/B/0/", 460}}) {
    for (const int64_t start : {0, bytes}) {
      std::vector<uint8_t> file(static_cast<size_t>(bytes));
      std::ranges::copy(input.take(file.size()), file.begin());
      store.put(folder + file_name(start), file);
    }
  }
  // Once to learn the fingerprint, once with it.
  for (int round = 0; round < 2; ++round) {
    const auto reason = walk_files(position, store.disk, store.files, store.queues);
    if (round == 1 && reason) return "the same files give another fingerprint: " + *reason;
    if (!reason) break;
    if (reason->find("the position tells of") == std::string::npos) return {};  // refused
    const auto number_behind = [&](const char* word) {
      const size_t at = reason->find(word);
      return at == std::string::npos ? 0 : std::stoll(reason->substr(at + std::strlen(word)));
    };
    position.units = number_behind("files hold ");
    position.queues = number_behind("units in ");
  }
  std::string broken = unsound(store.queues);
  std::vector<const Queue*> found;
  store.queues.each([&](const Queue& queue) {
    if (queue.stored > 0) found.push_back(&queue);
  });
  for (const Queue* queue : found) {
    if (broken.empty()) broken = units_are_sound(store, *queue, position.log_offset);
  }
  erase_beyond(store.disk, store.files, store.queues);
  for (const Queue* queue : found) {
    if (broken.empty()) broken = units_are_sound(store, *queue, position.log_offset);
  }
  return broken;
}

}  // namespace

std::string broken_queue_load(std::span<const uint8_t> bytes) {
  Input input(bytes);
  switch (input.number<uint8_t>() % 4) {
    case 0:
      return table_of_bytes(input);
    case 1:
      return table_of_lines(input);
    case 2:
      return position_of_bytes(input);
    default:
      return walk_over_bytes(input);
  }
}

}  // namespace gantry::testing
