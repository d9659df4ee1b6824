// Segment: one mapped file of the log, and at once the Buffer that pins it: who holds a reference
// may read its bytes, even after the log let go of it. Unmapped and closed by the last release.
// Segments: the files in order. Owned by CommitLog; any thread finds, the preparer adds.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"
#include "commitlog/file.hpp"

namespace gantry::commitlog {

// Released: tells when the last reference to a segment is gone. Shared by the segment and who waits.
class Released {
 public:
  void set();
  // Until it is set, or until asked to stop.
  void wait(std::stop_token stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any set_again_;
  bool set_ = false;
};

class Segment final : public Buffer {
 public:
  Segment(LogOffset begin, std::string path, std::unique_ptr<File> file,
          std::unique_ptr<Mapping> mapping);

  LogOffset begin() const { return begin_; }
  LogOffset end() const { return begin_ + static_cast<int64_t>(size()); }
  const std::string& path() const { return path_; }
  File& file() const { return *file_; }
  Mapping& mapping() const { return *mapping_; }

  uint64_t position(LogOffset offset) const { return static_cast<uint64_t>(offset - begin_); }
  Bytes bytes(LogOffset from, LogOffset to) const {
    return {data() + position(from), static_cast<size_t>(to - from)};
  }
  // For who holds a reference, and lets go of it then; once.
  std::shared_ptr<Released> released();

 private:
  ~Segment() override;

  const LogOffset begin_;
  const std::string path_;
  const std::unique_ptr<File> file_;  // goes after the mapping
  const std::unique_ptr<Mapping> mapping_;
  std::shared_ptr<Released> released_;
};

// One counted reference to a segment, or none.
class SegmentRef {
 public:
  SegmentRef() = default;
  static SegmentRef adopt(Segment* segment) { return SegmentRef(BufferRef::adopt(segment)); }
  Segment* operator->() const { return static_cast<Segment*>(pin_.get()); }
  Segment& operator*() const { return static_cast<Segment&>(*pin_.get()); }
  explicit operator bool() const { return static_cast<bool>(pin_); }
  BufferRef pin() && { return std::move(pin_); }

 private:
  explicit SegmentRef(BufferRef pin) : pin_(std::move(pin)) {}
  BufferRef pin_;
};

// Where a log may begin at the latest: from there it still grows by as many bytes as lie before it.
constexpr LogOffset log_begin_max(int64_t{1} << 62);

// True where a file of the log holds no further record: `rest` is all of it from there on. RocketMQ
// ends each full file with a blank record of size and magic.
bool segment_ends(Bytes rest);

class Segments {
 public:
  Segments(FileSystem& file_system, std::string folder, uint64_t segment_bytes);

  // Opens what is in the folder. A last file of length 0 is removed: a crash while it was made.
  Outcome<void> load();
  // The segment that holds the byte at `offset`; none outside.
  SegmentRef find(LogOffset offset) const;
  // Makes the file behind the last one (the one at 0 in an empty log), blocks allocated.
  Outcome<SegmentRef> add();
  // Unlinks the segments that begin at `offset` or behind it, the last one first.
  Outcome<void> remove_from(LogOffset offset);
  // Unlinks the segments that end at `offset` or before it, the first one first, but never the last
  // one. Who has pinned one reads on.
  Outcome<void> remove_before(LogOffset offset);
  // Opens the segment at `offset` anew: pins taken from here on are of another object than the
  // ones taken before, whose end the result tells.
  Outcome<std::shared_ptr<Released>> renew(LogOffset offset);
  // Makes the first file of an empty log, at an offset that isn't 0: only while there is none.
  Outcome<SegmentRef> begin_at(LogOffset offset);

  LogOffset begin() const;  // of the first segment
  LogOffset end() const;    // of the last one
  bool empty() const;

 private:
  Outcome<SegmentRef> open(LogOffset begin, const std::string& path, OpenMode mode);
  Outcome<SegmentRef> make(LogOffset begin);
  Outcome<void> remove_half_made();
  Outcome<void> sync_names();
  Outcome<void> remove_while(SegmentRef (Segments::*next)(LogOffset) const, LogOffset offset);
  SegmentRef last_from(LogOffset offset) const;
  SegmentRef first_before(LogOffset offset) const;
  std::string path_of(LogOffset begin) const;

  FileSystem& file_system_;
  const std::string folder_;
  const uint64_t segment_bytes_;
  mutable std::mutex mutex_;
  std::vector<SegmentRef> segments_;  // contiguous; guarded by mutex_
  std::string half_made_;  // a file whose making failed, until it is surely gone; else empty
};

}  // namespace gantry::commitlog
