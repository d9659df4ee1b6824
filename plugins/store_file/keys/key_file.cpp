#include "key_file.hpp"

#include <array>
#include <utility>
#include <vector>

#include "cpp/barrier.hpp"

namespace gantry::store_file {
namespace {

void follow(const DiskFile& file, const KeyFileShape& shape, const KeyHeader& header,
            int32_t newest, KeySearch& search) {
  search.walk(header, newest, [&](int32_t number, KeyEntry& entry) {
    std::array<uint8_t, key_entry_bytes> bytes;
    file.read_all(bytes, shape.entry_at(number));
    entry = decode_entry(bytes.data());
    return true;
  });
}

}  // namespace

KeyFile::KeyFile(std::filesystem::path path, std::shared_ptr<DiskFile> file,
                 const KeyFileShape& shape, const KeyHeader& header)
    : path_(std::move(path)), file_(std::move(file)), shape_(shape), header_(header),
      slots_(shape, file_) {}

std::unique_ptr<KeyFile> KeyFile::make(Disk& disk, const std::filesystem::path& path,
                                       const KeyFileShape& shape, const KeyHeader& begin) {
  auto file = disk.open(path, Open::create);
  file->resize(0);  // what a start that failed may have left
  file->resize(shape.file_bytes());
  file->sync();
  disk.sync_folder(path.parent_path());
  return std::unique_ptr<KeyFile>(new KeyFile(path, std::move(file), shape, begin));
}

std::unique_ptr<KeyFile> KeyFile::open(Disk& disk, const std::filesystem::path& path,
                                       const KeyFileShape& shape, const KeyHeader& header,
                                       bool closed) {
  auto file = disk.open(path, Open::write);
  const auto told = read_key_header(file.get(), shape);
  if (!told) throw sdk::Refusal(GANTRY_GONE, path.string() + " is missing or of another size");
  std::unique_ptr<KeyFile> out(new KeyFile(path, std::move(file), shape, header));
  out->slots_.load();
  if (out->relink(told->count) && closed) {
    out->linked_ = header.count;
    out->release();
  } else {
    out->linked_ = 0;  // all pages are held until they are written again
  }
  return out;
}

void KeyFile::damaged(const std::string& what) const {
  throw sdk::Refusal(GANTRY_GONE, path_.string() + " is damaged: " + what);
}

// The file's slots were right for `told` entries once. Those above may be any the file has had
// since, but what they lead to is there: going up over these entries, the first one of a slot tells
// in `previous` what the slot was before. Says whether everything was right.
bool KeyFile::relink(int32_t told) {
  const int32_t from = std::min(told, header_.count);
  int32_t end = header_.count;
  slots_.each_held([&](int32_t slot, int32_t number) {
    if (number < 0 || number >= shape_.entries) damaged("slot " + std::to_string(slot));
    end = std::max(end, number + 1);
  });
  const auto put_right = [&](int32_t number, const KeyEntry& entry) {
    const auto wrong = [&] { damaged("entry " + std::to_string(number)); };
    if (entry.hash < 0 || entry.previous < 0 || entry.previous >= number) wrong();
    const int32_t slot = entry.hash % shape_.slots;
    const int32_t now = slots_.get(slot);
    if (number >= header_.count) {
      if (now >= header_.count) slots_.set(slot, entry.previous);
      return;
    }
    if (now < number && now != entry.previous) wrong();
    if (now != number) slots_.set(slot, number);
  };
  each_entry(*file_, shape_, from, end, put_right);
  if (end > header_.count) {
    slots_.each_held([&](int32_t slot, int32_t number) {
      if (number >= header_.count) damaged("slot " + std::to_string(slot));
    });
  }
  return told == header_.count && end == header_.count;  // nothing was looked at again, then
}

void KeyFile::append(std::span<const KeyRecord> records) {
  std::vector<uint8_t> bytes(records.size() * key_entry_bytes);
  std::vector<std::pair<int32_t, int32_t>> undo;  // slot, number before
  undo.reserve(records.size());
  KeyHeader header = header_;
  try {
    for (size_t i = 0; i < records.size(); ++i) {
      const KeyRecord& record = records[i];
      const int32_t slot = record.hash % shape_.slots;
      const int32_t previous = slots_.get(slot);
      if (previous < 0 || previous >= header.count) {
        throw sdk::Refusal(GANTRY_FAULT, path_.string() + ": slot " + std::to_string(slot) +
                                             " leads to " + std::to_string(previous) +
                                             ", there are entries below " +
                                             std::to_string(header.count));
      }
      const KeyEntry entry{record.hash, record.log_offset, header.seconds_of(record.stored_ms),
                           previous};
      encode_entry(entry, &bytes[i * key_entry_bytes]);
      slots_.set(slot, header.count);
      undo.emplace_back(slot, previous);
      header.take(record, previous);
    }
    file_->write(bytes, shape_.entry_at(header_.count));
  } catch (...) {
    for (auto it = undo.rbegin(); it != undo.rend(); ++it) slots_.set(it->first, it->second);
    throw;
  }
  header_ = header;
}

void KeyFile::sync() {
  file_->sync();
}

void KeyFile::link() {
  if (unlinked() == 0) return;
  slots_.flush();
  file_->sync();
  file_->write(encode_header(header_), 0);
  file_->sync();
  linked_ = header_.count;
}

void KeyFile::release() {
  slots_.release();
}

void KeyFile::search(KeySearch& search) const {
  follow(*file_, shape_, header_, slots_.get(search.hash % shape_.slots), search);
}

std::optional<KeyHeader> read_key_header(const DiskFile* file, const KeyFileShape& shape) {
  std::array<uint8_t, key_header_bytes> bytes;
  if (!file || file->size() != shape.file_bytes()) return std::nullopt;
  file->read_all(bytes, 0);
  return decode_header(bytes);
}

void search_sealed(const DiskFile& file, const KeyFileShape& shape, const KeyHeader& header,
                   KeySearch& search) {
  std::array<uint8_t, key_slot_bytes> bytes;
  file.read_all(bytes, shape.slot_at(search.hash % shape.slots));
  follow(file, shape, header, load_big<int32_t>(bytes.data()), search);
}

}  // namespace gantry::store_file
