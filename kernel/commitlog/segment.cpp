#include "commitlog/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/endian.hpp"
#include "commitlog/record.hpp"

namespace gantry::commitlog {
namespace {

constexpr size_t name_digits = 20;

bool parse_name(const std::string& name, LogOffset& begin) {
  if (name.size() != name_digits) return false;
  const char* end = name.data() + name.size();
  auto [at, error] = std::from_chars(name.data(), end, begin.value);
  return error == std::errc{} && at == end && begin >= LogOffset(0) && begin <= log_begin_max;
}

}  // namespace

Segment::Segment(LogOffset begin, std::string path, std::unique_ptr<File> file,
                 std::unique_ptr<Mapping> mapping)
    // Buffers hand out writable bytes, a segment's are written through its mapping only.
    : Buffer(const_cast<uint8_t*>(mapping->data()), mapping->size()),
      begin_(begin),
      path_(std::move(path)),
      file_(std::move(file)),
      mapping_(std::move(mapping)) {}

Segment::~Segment() {
  if (released_) released_->set();
}

std::shared_ptr<Released> Segment::released() {
  released_ = std::make_shared<Released>();
  return released_;
}

void Released::set() {
  std::lock_guard lock(mutex_);
  set_ = true;
  set_again_.notify_all();
}

void Released::wait(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  set_again_.wait(lock, std::move(stop), [this] { return set_; });
}

bool segment_ends(Bytes rest) {
  return rest.size() < blank_bytes || load_be<int32_t>(rest.data() + 4) == blank_magic;
}

Segments::Segments(FileSystem& file_system, std::string folder, uint64_t segment_bytes)
    : file_system_(file_system), folder_(std::move(folder)), segment_bytes_(segment_bytes) {}

std::string Segments::path_of(LogOffset begin) const {
  return fmt::format("{}/{:020}", folder_, begin.value);
}

Outcome<SegmentRef> Segments::open(LogOffset begin, const std::string& path, OpenMode mode) {
  auto file = file_system_.open(path, mode);
  if (!file) return fail(fmt::format("{}: cannot open: {}", path, file.error().message()));
  if (mode == OpenMode::create) {
    if (ErrorCode error = (*file)->allocate(segment_bytes_))
      return fail(
          fmt::format("{}: cannot allocate {} bytes: {}", path, segment_bytes_, error.message()));
  }
  auto mapping = (*file)->map(segment_bytes_);
  if (!mapping) return fail(fmt::format("{}: cannot map: {}", path, mapping.error().message()));
  return SegmentRef::adopt(new Segment(begin, path, std::move(*file), std::move(*mapping)));
}

Outcome<void> Segments::load() {
  auto entries = file_system_.list(folder_);
  if (!entries) return fail(fmt::format("{}: {}", folder_, entries.error().message()));
  std::erase_if(*entries, [](const FolderEntry& entry) { return entry.folder; });
  if (!entries->empty() && entries->back().size == 0) {
    const std::string path = folder_ + "/" + entries->back().name;
    if (ErrorCode error = file_system_.remove(path))
      return fail(fmt::format("{}: cannot remove the empty file: {}", path, error.message()));
    entries->pop_back();
  }
  std::vector<SegmentRef> segments;
  for (const FolderEntry& entry : *entries) {
    const std::string path = folder_ + "/" + entry.name;
    LogOffset begin;
    if (!parse_name(entry.name, begin))
      return fail(fmt::format("{}: not a log file, its name must be a 20-digit offset up to {}",
                              path, log_begin_max.value));
    if (entry.size != segment_bytes_)
      return fail(fmt::format("{}: {} bytes, but the log's files have {}", path, entry.size,
                              segment_bytes_));
    if (!segments.empty() && segments.back()->end() != begin)
      return fail(fmt::format("{}: does not follow {}", path, segments.back()->path()));
    auto segment = open(begin, path, OpenMode::existing);
    if (!segment) return segment.error();
    segments.push_back(std::move(*segment));
  }
  // A process that died may have left names behind that only memory knows.
  if (auto synced = sync_names(); !synced) return synced;
  std::lock_guard lock(mutex_);
  segments_ = std::move(segments);
  return boost::system::in_place_value;
}

SegmentRef Segments::find(LogOffset offset) const {
  std::lock_guard lock(mutex_);
  if (segments_.empty() || offset < segments_.front()->begin()) return {};
  const auto index = static_cast<uint64_t>(offset - segments_.front()->begin()) / segment_bytes_;
  return index < segments_.size() ? segments_[index] : SegmentRef{};
}

Outcome<SegmentRef> Segments::add() {
  return make(empty() ? LogOffset(0) : end());
}

Outcome<SegmentRef> Segments::begin_at(LogOffset offset) {
  return make(offset);
}

Outcome<SegmentRef> Segments::make(LogOffset begin) {
  if (auto removed = remove_half_made(); !removed) return removed.error();
  const std::string path = path_of(begin);
  half_made_ = path;
  auto segment = open(begin, path, OpenMode::create);
  Outcome<void> named = boost::system::in_place_value;
  if (segment) named = sync_names();
  if (!segment || !named) {
    (void)remove_half_made();  // tried again before the next change; the failure is what counts
    return segment ? named.error() : segment.error();
  }
  half_made_.clear();
  std::lock_guard lock(mutex_);
  segments_.push_back(*segment);
  return segment;
}

// The log doesn't know it, and a cut of those before it would leave a gap in the folder.
Outcome<void> Segments::remove_half_made() {
  if (half_made_.empty()) return boost::system::in_place_value;
  ErrorCode error = file_system_.remove(half_made_);
  if (error && error != boost::system::errc::no_such_file_or_directory)
    return fail(fmt::format("{}: cannot remove: {}", half_made_, error.message()));
  if (auto synced = sync_names(); !synced) return synced;
  half_made_.clear();
  return boost::system::in_place_value;
}

Outcome<void> Segments::sync_names() {
  if (ErrorCode error = file_system_.sync_folder(folder_))
    return fail(fmt::format("{}: cannot sync: {}", folder_, error.message()));
  return boost::system::in_place_value;
}

// Each removal is synced before the next: after a crash the files that are left have no gap. Who
// looks for a segment doesn't wait for the disk, nor for a gigabyte to be unmapped.
Outcome<void> Segments::remove_while(SegmentRef (Segments::*next)(LogOffset) const,
                                     LogOffset offset) {
  while (const SegmentRef segment = (this->*next)(offset)) {
    if (ErrorCode error = file_system_.remove(segment->path()))
      return fail(fmt::format("{}: cannot remove: {}", segment->path(), error.message()));
    {
      std::lock_guard lock(mutex_);
      std::erase_if(segments_, [&](const SegmentRef& one) { return &*one == &*segment; });
    }
    if (auto synced = sync_names(); !synced) return synced;
  }
  return boost::system::in_place_value;
}

Outcome<void> Segments::remove_from(LogOffset offset) {
  if (auto removed = remove_half_made(); !removed) return removed;
  return remove_while(&Segments::last_from, offset);
}

Outcome<void> Segments::remove_before(LogOffset offset) {
  return remove_while(&Segments::first_before, offset);
}

SegmentRef Segments::last_from(LogOffset offset) const {
  std::lock_guard lock(mutex_);
  const bool found = !segments_.empty() && segments_.back()->begin() >= offset;
  return found ? segments_.back() : SegmentRef{};
}

SegmentRef Segments::first_before(LogOffset offset) const {
  std::lock_guard lock(mutex_);
  const bool found = segments_.size() > 1 && segments_.front()->end() <= offset;
  return found ? segments_.front() : SegmentRef{};
}

Outcome<std::shared_ptr<Released>> Segments::renew(LogOffset offset) {
  const SegmentRef old = find(offset);
  auto fresh = open(old->begin(), old->path(), OpenMode::existing);
  if (!fresh) return fresh.error();
  std::shared_ptr<Released> released = old->released();
  std::lock_guard lock(mutex_);
  const auto index =
      static_cast<uint64_t>(offset - segments_.front()->begin()) / segment_bytes_;
  segments_[index] = std::move(*fresh);
  return released;
}

LogOffset Segments::begin() const {
  std::lock_guard lock(mutex_);
  return segments_.empty() ? LogOffset(0) : segments_.front()->begin();
}

LogOffset Segments::end() const {
  std::lock_guard lock(mutex_);
  return segments_.empty() ? LogOffset(0) : segments_.back()->end();
}

bool Segments::empty() const {
  std::lock_guard lock(mutex_);
  return segments_.empty();
}

}  // namespace gantry::commitlog
