#include "node/verify/log_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/endian.hpp"
#include "commitlog/checkpoint.hpp"
#include "commitlog/file.hpp"

namespace gantry::node {

namespace fs = std::filesystem;
using commitlog::RecordView;

namespace {

constexpr uint64_t record_look_bytes = 4096;  // most records are whole in so many
constexpr size_t batch_records_max = 1024;
constexpr size_t name_digits = 20;

std::optional<LogOffset> offset_of(const std::string& name) {
  LogOffset begin;
  const char* end = name.data() + name.size();
  const auto [at, error] = std::from_chars(name.data(), end, begin.value);
  if (name.size() != name_digits || error != std::errc{} || at != end || begin.value < 0) return {};
  return begin;
}

bool may_be_record(const uint8_t* at) {
  const auto magic = load_be<int32_t>(at + 4);
  return magic == commitlog::record_magic_v1 || magic == commitlog::record_magic_v2;
}

}  // namespace

LogWalk::LogWalk(fs::path folder, uint64_t file_bytes, Findings& findings)
    : folder_(std::move(folder)),
      file_bytes_(file_bytes),
      findings_(findings),
      numbers_(findings) {}

Outcome<LogFacts> LogWalk::run(Sink sink) {
  sink_ = std::move(sink);
  if (Outcome<void> done = list(); !done) return done.error();
  if (Outcome<void> done = load_checkpoint(); !done) return done.error();
  facts_.files = files_.size();
  facts_.file_bytes = file_bytes_;
  if (!files_.empty()) facts_.begin = facts_.end = files_.front().begin;
  for (size_t i = 0; i < files_.size() && !ended_; ++i) {
    if (Outcome<void> walked = walk(i); !walked) return walked.error();
  }
  facts_.queues = numbers_.queues();
  measure_tail();
  return facts_;
}

// What the folder holds, and whether that can be one log.
Outcome<void> LogWalk::list() {
  const fs::path folder = folder_ / "commitlog";
  Result<std::vector<commitlog::FolderEntry>> entries =
      commitlog::real_file_system().list(folder.string());
  if (!entries) return fail(fmt::format("{}: {}", folder.string(), entries.error().message()));
  std::erase_if(*entries, [](const auto& entry) { return entry.folder; });
  for (const commitlog::FolderEntry& entry : *entries) {
    const std::string path = (folder / entry.name).string();
    const std::optional<LogOffset> begin = offset_of(entry.name);
    if (!begin) {
      findings_.add("{}: not a log file, its name must be a 20-digit offset", path);
      continue;
    }
    if (entry.size == 0 && &entry == &entries->back()) continue;  // a crash while it was made
    if (file_bytes_ == 0) file_bytes_ = entry.size;
    if (entry.size != file_bytes_) {
      findings_.add("{}: {} bytes, but the log's files have {}", path, entry.size, file_bytes_);
    }
    if (!files_.empty() && files_.back().end() != *begin) {
      findings_.add("{}: does not follow {}, which ends at {}", path, files_.back().path,
                    files_.back().end().value);
    }
    files_.push_back({*begin, entry.size, path});
  }
  return boost::system::in_place_value;
}

Outcome<void> LogWalk::load_checkpoint() {
  const fs::path folder = folder_ / "gantry";
  std::error_code error;
  if (!fs::is_directory(folder, error)) return boost::system::in_place_value;
  Outcome<std::optional<commitlog::Checkpoint>> checkpoint =
      commitlog::Checkpoint::load(commitlog::real_file_system(), folder.string());
  if (!checkpoint) return checkpoint.error();
  if (!*checkpoint) return boost::system::in_place_value;
  facts_.durable = (*checkpoint)->durable;
  const LogOffset end = files_.empty() ? LogOffset(0) : files_.back().end();
  if (*facts_.durable > end) {
    findings_.add("the log's files end at {}, but it was durable up to {}: files are missing",
                  end.value, facts_.durable->value);
  }
  return boost::system::in_place_value;
}

// One file, up to its end or the log's.
Outcome<void> LogWalk::walk(size_t index) {
  const Entry& entry = files_[index];
  Result<std::unique_ptr<LogFile>> file = LogFile::open(entry.path, entry.begin, entry.size);
  if (!file) {
    findings_.add("{}: cannot open: {}", entry.path, file.error().message());
    return boost::system::in_place_value;
  }
  LogOffset at = entry.begin;
  while (at < entry.end() && !ended_) {
    Outcome<Step> step = look(**file, at);
    if (!step) return step.error();
    if (step->kind == Kind::record) {
      if (Outcome<void> taken = take(step->record); !taken) return taken;
      at = facts_.end = step->record.log_end();
    } else if (step->kind == Kind::blank) {
      at = entry.end();
    } else if (is_tail(index, at)) {
      ended_ = true;
    } else {
      Outcome<LogOffset> next = pass_damage(**file, at, *step);
      if (!next) return next.error();
      at = *next;
    }
  }
  return flush();
}

// Bytes of the file from `at` on. The batch borrows from the window: it leaves before that moves.
Outcome<Bytes> LogWalk::bytes(LogFile& file, LogOffset at, uint64_t size) {
  if (file.holds(at, size)) return file.bytes(at);
  if (Outcome<void> done = flush(); !done) return done.error();
  if (const ErrorCode error = file.load(at, size)) {
    return fail(
        fmt::format("{}: cannot read at {}: {}", file.path(), at - file.begin(), error.message()));
  }
  return file.bytes(at);
}

// What stands at `at`.
Outcome<LogWalk::Step> LogWalk::look(LogFile& file, LogOffset at) {
  Step step;
  const auto left = static_cast<uint64_t>(file.end() - at);
  if (left < commitlog::blank_bytes) {
    step.kind = Kind::blank;
    return step;
  }
  Outcome<Bytes> rest = bytes(file, at, record_look_bytes);
  if (!rest) return rest.error();
  const auto size = load_be<uint32_t>(rest->data());
  if (load_be<int32_t>(rest->data() + 4) == commitlog::blank_magic) {
    if (size != left) {
      findings_.add("{}: the blank record at log offset {} says {} bytes, but {} are left",
                    file.path(), at.value, size, left);
    }
    step.kind = Kind::blank;
    return step;
  }
  if (may_be_record(rest->data()) && size > rest->size() && size <= left) {
    rest = bytes(file, at, size);
    if (!rest) return rest.error();
  }
  constexpr uint32_t what = commitlog::decode_check | commitlog::decode_tag_code;
  const ErrorCode error = commitlog::decode_record(*rest, what, step.record);
  const bool here = step.record.log_offset == at;
  if (!error && here) {
    step.kind = Kind::record;
  } else {
    step.why =
        error ? error.message() : fmt::format("it belongs at {}", step.record.log_offset.value);
    if (error == commitlog::Errc::bad_crc && here) step.size = step.record.record_size;
  }
  return step;
}

Outcome<void> LogWalk::take(const RecordView& record) {
  ++facts_.records;
  facts_.record_bytes += record.record_size;
  numbers_.check(record);
  batch_.push_back(record);
  return batch_.size() < batch_records_max ? Outcome<void>() : flush();
}

Outcome<void> LogWalk::flush() {
  if (batch_.empty()) return boost::system::in_place_value;
  Outcome<void> taken = sink_ ? sink_(batch_) : Outcome<void>();
  batch_.clear();
  return taken;
}

// Above what was durable the first bytes that are no record end the log. When nothing says what was
// durable, that they are behind all of it is told by no further file beginning with a record.
bool LogWalk::is_tail(size_t index, LogOffset at) const {
  if (facts_.durable) return at >= *facts_.durable;
  if (index + 1 == files_.size()) return true;
  const Entry& next = files_[index + 1];
  Result<std::unique_ptr<LogFile>> file = LogFile::open(next.path, next.begin, next.size);
  if (!file || (*file)->load(next.begin, record_look_bytes)) return false;
  const Bytes head = (*file)->bytes(next.begin);
  if (head.size() < commitlog::record_bytes_min || !may_be_record(head.data())) return true;
  if ((*file)->load(next.begin, load_be<uint32_t>(head.data()))) return false;
  RecordView record;
  return commitlog::decode_record((*file)->bytes(next.begin), commitlog::decode_check, record) ||
         record.log_offset != next.begin;
}

// Reports it; where the log goes on.
Outcome<LogOffset> LogWalk::pass_damage(LogFile& file, LogOffset at, const Step& step) {
  if (step.size > 0) {
    findings_.add("{}: the record at log offset {} is damaged: {}", file.path(), at.value,
                  step.why);
    return at + static_cast<int64_t>(step.size);
  }
  Outcome<std::optional<LogOffset>> next = next_record(file, at);
  if (!next) return next.error();
  const LogOffset to = next->value_or(file.end());
  findings_.add("{}: {} bytes at log offset {} are no record: {}; {} {}", file.path(), to - at,
                at.value, step.why, *next ? "the next one is at" : "nor is any up to", to.value);
  return to;
}

Outcome<std::optional<LogOffset>> LogWalk::next_record(LogFile& file, LogOffset at) {
  for (++at.value; file.end() - at >= commitlog::record_bytes_min; ++at.value) {
    Outcome<Bytes> rest = bytes(file, at, commitlog::record_bytes_min);
    if (!rest) return rest.error();
    if (!may_be_record(rest->data())) continue;
    Outcome<Step> step = look(file, at);
    if (!step) return step.error();
    if (step->kind == Kind::record) return std::optional(at);
  }
  return std::optional<LogOffset>{};
}

void LogWalk::measure_tail() {
  for (const Entry& entry : files_) {
    if (entry.end() <= facts_.end || !ended_) continue;
    Result<std::unique_ptr<LogFile>> file = LogFile::open(entry.path, entry.begin, entry.size);
    LogOffset at = std::max(entry.begin, facts_.end);
    while (file && at < entry.end()) {
      if ((*file)->load(at, 0)) break;  // an unreadable tail is one all the same
      const Bytes window = (*file)->bytes(at);
      const auto last = std::find_if(window.rbegin(), window.rend(), [](uint8_t b) { return b; });
      const int64_t used = window.rend() - last;
      if (used > 0) facts_.tail_bytes = static_cast<uint64_t>(at + used - facts_.end);
      at += static_cast<int64_t>(window.size());
    }
  }
}

}  // namespace gantry::node
