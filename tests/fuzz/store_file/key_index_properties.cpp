#include "fuzz/store_file/key_index_properties.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"
#include "store_file/keys/key_index.hpp"
#include "support/lying_disk.hpp"
#include "support/lying_store_disk.hpp"

namespace gantry::testing {
namespace {

using namespace store_file;

constexpr KeyFileShape shape{.slots = 4, .entries = 12};
constexpr const char* full_name = "20261121113059722";
constexpr const char* newest_name = "20261121113104511";
constexpr int64_t ever = std::numeric_limits<int64_t>::max();

std::span<const uint8_t> take(std::span<const uint8_t>& bytes, int64_t size) {
  const auto out = bytes.first(std::min(bytes.size(), static_cast<size_t>(size)));
  bytes = bytes.subspan(out.size());
  return out;
}

class Indexed {
 public:
  explicit Indexed(std::span<const uint8_t> bytes) {
    options_.folder = "/store/index";
    options_.position_path = "/store/gantry/store_file/keys";
    options_.shape = shape;
    options_.now_ms = [] { return int64_t{1'700'000'000'000}; };
    options_.note = [](const std::string&) {};
    disk_.create_folders(options_.folder);
    disk_.create_folders(options_.position_path.parent_path());
    std::array<uint8_t, key_header_bytes> head{};
    std::ranges::copy(take(bytes, key_header_bytes), head.begin());
    write_position(decode_header(head), bytes.size() % 2 == 0);
    write_file(full_name, take(bytes, shape.file_bytes()));
    write_file(newest_name, bytes);
    open();
  }

  void open() {
    index_ = std::make_unique<KeyIndex>(disk_, options_);
    index_->open();
  }
  KeyIndex& index() { return *index_; }

  void add(int64_t log_offset) {
    const std::string properties = std::string("KEYS\x01") + "a b\x02";
    gantry_message message{};
    message.topic = sdk::str("T");
    message.property_text = sdk::str(properties);
    message.log_offset = log_offset;
    message.stored_ms = 1'000'000;
    message.record_size = 100;
    index_->add(message);
  }

  std::vector<int64_t> find(const char* key) {
    std::vector<int64_t> out(30);
    const gantry_key_query query{sizeof query,  GANTRY_KEY_KEY, sdk::str("T"),
                                 sdk::str(key), 0,              ever};
    gantry_key_hits hits{};
    hits.capacity = static_cast<uint32_t>(out.size());
    hits.log_offsets = out.data();
    index_->find(query, hits);
    if (hits.count > out.size()) throw std::logic_error("more hits than room");
    out.resize(hits.count);
    return out;
  }

 private:
  void write_position(const KeyHeader& header, bool closed) {
    KeyPosition position;
    position.log_offset = std::clamp<int64_t>(header.end_offset, 0, int64_t{1} << 40);
    position.shape = shape;
    position.files = 2;
    position.first = full_name;
    position.newest = newest_name;
    position.header = header;
    position.closed = closed;
    write_key_position(disk_, options_.position_path, position);
  }

  void write_file(const char* name, std::span<const uint8_t> bytes) {
    const auto file = disk_.open(options_.folder / name, Open::create);
    file->write(take(bytes, shape.file_bytes()), 0);
    file->resize(shape.file_bytes());
  }

  LyingDisk memory_{1};
  LyingStoreDisk disk_{memory_};
  KeyIndex::Options options_;
  std::unique_ptr<KeyIndex> index_;
};

}  // namespace

std::string broken_key_index(std::span<const uint8_t> bytes) {
  Indexed files(bytes);
  files.find("a");
  const int64_t end = files.index().position();
  const auto add_all = [&] {
    for (int64_t i = 0; i < 20; ++i) files.add(end + i * 100);
  };
  add_all();
  if (files.find("b").size() < 20) return "a waiting key is not found";
  files.index().save(end + 1000);
  if (files.index().position() != end + 1000) return "save did not come to its end";
  const auto before = files.find("a");
  files.index().save(ever);
  if (files.find("a") != before) return "a query finds another thing once the keys are saved";
  files.index().close();
  files.open();  // which may see a damage now, and then lets the log bring it again
  if (files.index().position() > end + 2000) return "the position is above the log's end";
  add_all();
  if (files.find("b").size() < 20) return "a key is not found after a restart";
  files.index().truncate(end + 500);
  if (files.index().position() > end + 500) return "truncate left the position above the log's end";
  return {};
}

}  // namespace gantry::testing
