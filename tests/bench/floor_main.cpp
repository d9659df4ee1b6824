// gantry_floor: what the machine can do at best, for the broker to be compared with. One JSON line
// on standard output.
#include <fcntl.h>
#include <fmt/format.h>
#include <isa-l/crc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "clock.hpp"
#include "latencies.hpp"

namespace {

using namespace gantry;
using namespace gantry::bench;

constexpr size_t record_bytes = 1024;

// Nanoseconds of this thread to copy a record into memory that was touched before, with its CRC.
double copy_ns(uint64_t megabytes) {
  const uint64_t records = (megabytes << 20) / record_bytes;
  std::vector<uint8_t> target(records * record_bytes, 1);
  std::vector<uint8_t> source(record_bytes, 'x');
  uint32_t crc = 0;
  const uint64_t begin = thread_cpu_ns();
  for (uint64_t i = 0; i < records; ++i) {
    source[i % record_bytes] = static_cast<uint8_t>(crc);  // no record is known beforehand
    crc = crc32_gzip_refl(0, source.data(), source.size());
    std::memcpy(target.data() + i * record_bytes, source.data(), source.size());
  }
  return static_cast<double>(thread_cpu_ns() - begin) / static_cast<double>(records);
}

class SyncFile {
 public:
  // A file of zeros in `folder`, without a name, on the disk.
  static Outcome<SyncFile> make(const std::string& folder, uint64_t bytes) {
    SyncFile made(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (made.file_ < 0) return fail(fmt::format("{}: {}", folder, std::strerror(errno)));
    const std::vector<uint8_t> zeros(1 << 18);
    for (uint64_t at = 0; at < bytes; at += zeros.size()) {
      if (auto written = made.write(at, zeros); !written) return written.error();
    }
    if (auto synced = made.sync(); !synced) return synced.error();
    return made;
  }
  SyncFile(SyncFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  SyncFile& operator=(SyncFile&&) = delete;
  ~SyncFile() {
    if (file_ >= 0) ::close(file_);
  }

  Outcome<void> write(uint64_t at, const std::vector<uint8_t>& bytes) {
    const ssize_t put = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (put == static_cast<ssize_t>(bytes.size())) return boost::system::in_place_value;
    return fail(fmt::format("pwrite: {}", put < 0 ? std::strerror(errno) : "short"));
  }
  Outcome<void> sync() {
    if (::fdatasync(file_) == 0) return boost::system::in_place_value;
    return fail(fmt::format("fdatasync: {}", std::strerror(errno)));
  }

 private:
  explicit SyncFile(int file) : file_(file) {}
  int file_;
};

// Nanoseconds of this thread for each KiB of a file's first bytes: pages the system has to find and
// to clear, and their way to the disk. Any log that grows pays it.
Outcome<double> fresh_ns(const std::string& folder, uint64_t megabytes) {
  const uint64_t begin = thread_cpu_ns();
  auto file = SyncFile::make(folder, megabytes << 20);
  if (!file) return file.error();
  return static_cast<double>(thread_cpu_ns() - begin) / static_cast<double>(megabytes << 10);
}

struct Syncs {
  double seconds = 0;
  Latencies times;
};

// Records appended one by one, each synced before the next.
Outcome<Syncs> sync(const std::string& folder, double seconds) {
  constexpr uint64_t file_bytes = 64 << 20;
  auto file = SyncFile::make(folder, file_bytes);
  if (!file) return file.error();
  const std::vector<uint8_t> record(record_bytes, 'x');
  Syncs result;
  const uint64_t begin = now_ns();
  const uint64_t end = begin + static_cast<uint64_t>(seconds * 1e9);
  uint64_t now = begin;
  for (uint64_t at = 0; now < end; at = (at + record_bytes) % file_bytes) {
    if (auto written = file->write(at, record); !written) return written.error();
    if (auto synced = file->sync(); !synced) return synced.error();
    const uint64_t before = now;
    now = now_ns();
    result.times.add(now - before);
  }
  result.seconds = static_cast<double>(now - begin) / 1e9;
  return result;
}

int run_fresh(const std::string& folder, uint64_t megabytes) {
  const auto ns = fresh_ns(folder, megabytes);
  if (!ns) {
    fmt::print(stderr, "gantry_floor: {}\n", ns.error().text);
    return 1;
  }
  fmt::print(R"({{"ns_per_kib": {:.2f}}})"
             "\n",
             *ns);
  return 0;
}

int run_sync(const std::string& folder, double seconds) {
  const auto result = sync(folder, seconds);
  if (!result) {
    fmt::print(stderr, "gantry_floor: {}\n", result.error().text);
    return 1;
  }
  const auto us = [&](double share) {
    return static_cast<double>(result->times.percentile_ns(share)) / 1e3;
  };
  fmt::print(R"({{"per_second": {:.1f}, "p50_us": {:.1f}, "p99_us": {:.1f}}})"
             "\n",
             static_cast<double>(result->times.count()) / result->seconds, us(0.5), us(0.99));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"gantry_floor, what the machine can do at best"};
  app.require_subcommand(1);
  CLI::App* copy = app.add_subcommand("memcpy", "1 KiB records with their CRC into warm memory");
  uint64_t megabytes = 512;
  copy->add_option("--mb", megabytes, "how much")->check(CLI::Range(1u, 65'536u));
  CLI::App* synced = app.add_subcommand("sync", "1 KiB written and fdatasync, one after the other");
  std::string folder = ".";
  double seconds = 2;
  synced->add_option("--folder", folder, "on the disk to use")->check(CLI::ExistingDirectory);
  synced->add_option("--seconds", seconds, "for how long")->check(CLI::Range(0.01, 3600.0));

  CLI::App* fresh = app.add_subcommand("fresh", "the first bytes of a file, in 256 KiB pieces");
  fresh->add_option("--folder", folder, "on the disk to use")->check(CLI::ExistingDirectory);
  fresh->add_option("--mb", megabytes, "how much")->check(CLI::Range(1u, 65'536u));

  CLI11_PARSE(app, argc, argv);
  if (fresh->parsed()) return run_fresh(folder, megabytes);
  if (synced->parsed()) return run_sync(folder, seconds);
  fmt::print(R"({{"ns_per_record": {:.2f}}})"
             "\n",
             copy_ns(megabytes));
  return 0;
}
