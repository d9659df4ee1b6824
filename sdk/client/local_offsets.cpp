#include "client/local_offsets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "client/request.hpp"
#include "protocol/bodies.hpp"

namespace gantry::client {

namespace {

// (client: LocalFileOffsetStore)
std::string backup_of(const std::string& file) { return file + ".bak"; }

std::string reason(int error) { return std::generic_category().message(error); }

// Closes what it opened.
struct Opened {
  Opened(const std::string& path, int flags) : fd(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Opened() {
    if (fd >= 0) ::close(fd);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  const int fd;
};

// Nothing where there is no such file.
Outcome<std::optional<protocol::QueueOffsetTable>> read(const std::string& path) {
  const Opened file(path, O_RDONLY);
  if (file.fd < 0 && errno == ENOENT) return std::optional<protocol::QueueOffsetTable>();
  std::string bytes;
  char piece[4096];
  ssize_t size = -1;
  while (file.fd >= 0 && (size = ::read(file.fd, piece, sizeof piece)) > 0) {
    bytes.append(piece, static_cast<size_t>(size));
  }
  if (size < 0) return fail(fmt::format("{} can't be read: {}", path, reason(errno)));
  if (bytes.empty()) return fail(path + " is empty");
  auto table = protocol::read_body<protocol::QueueOffsetTable>(bytes);
  if (!table) return fail(fmt::format("{} is damaged: {}", path, table.error().text));
  return std::optional(std::move(*table));
}

Outcome<void> write(const std::string& path, const std::string& bytes) {
  const auto failed = [&] {
    return fail(fmt::format("{} can't be written: {}", path, reason(errno)));
  };
  const Opened file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.fd < 0) return failed();
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t size = ::write(file.fd, bytes.data() + at, bytes.size() - at);
    if (size < 0) return failed();
    at += static_cast<size_t>(size);
  }
  if (::fsync(file.fd) != 0) return failed();
  return {};
}

Outcome<void> move(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return {};
  return fail(fmt::format("{} can't take the place of {}: {}", from, to, reason(errno)));
}

}  // namespace

Outcome<std::string> LocalOffsets::load() {
  if (loaded_ || file_.empty()) return text({});
  auto table = read(file_);
  worth_a_backup_ = table && *table;
  std::string wrong;
  if (!worth_a_backup_) {
    if (!table) wrong = table.error().text;
    table = read(backup_of(file_));
    if (!table || (!*table && !wrong.empty())) {
      const std::string backup =
          table ? fmt::format("{} isn't there", backup_of(file_)) : table.error().text;
      return fail(fmt::format("{}{}{}: without its offsets this consumer would begin anew; repair "
                              "the file, or remove it and its backup to begin anew",
                              wrong, wrong.empty() ? "" : ", and ", backup));
    }
  }
  if (*table) table_ = std::move(**table);
  loaded_ = true;
  return text(std::move(wrong));
}

std::optional<int64_t> LocalOffsets::find(const protocol::MessageQueue& queue) const {
  const auto found = table_.offsets.find(queue);
  if (found == table_.offsets.end()) return std::nullopt;
  return found->second;
}

void LocalOffsets::set(const protocol::MessageQueue& queue, int64_t offset) {
  const auto [place, is_new] = table_.offsets.try_emplace(queue, offset);
  changed_ = changed_ || is_new || place->second != offset;
  place->second = offset;
}

// Between the two moves there is only the backup, which is whole. A damaged file never becomes one.
Outcome<void> LocalOffsets::store() {
  if (file_.empty() || !changed_) return {};
  const std::string fresh = file_ + ".new";
  const std::filesystem::path folder = std::filesystem::path(file_).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return fail(fmt::format("{} can't be made: {}", folder.string(), error.message()));
  if (auto written = write(fresh, protocol::write_body(table_)); !written) return written;
  if (worth_a_backup_) {
    if (auto kept = move(file_, backup_of(file_)); !kept) return kept;
    worth_a_backup_ = false;
  }
  if (auto moved = move(fresh, file_); !moved) return moved;
  worth_a_backup_ = true;
  changed_ = false;
  const Opened parent(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (parent.fd < 0 || ::fsync(parent.fd) != 0) {
    return fail(fmt::format("{} can't be synced: {}", folder.string(), reason(errno)));
  }
  return {};
}

}  // namespace gantry::client
