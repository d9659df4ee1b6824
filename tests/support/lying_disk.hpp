// LyingDisk: one machine's disk in memory, as harsh as POSIX allows it to be. What is not synced
// may survive a power cut or not: each 4 KiB page alone, torn at 512-byte sectors, in any version
// it had since the last sync; each change of a folder alone. A call can fail, a write can end
// early; after a failed sync its pages count as clean without being on the device, as on Linux.
//
// Files have two contents: the live one, which is what a running system sees and maps point into,
// and the durable one. Calls answer 0 or an errno and never wait. Everything random comes from the
// seed. One thread; adapters (lying_file_system.hpp) give it the interfaces of those who use it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/rng.hpp"

namespace gantry::testing {

class LyingDisk {
 public:
  static constexpr uint64_t page_bytes = 4096;
  static constexpr uint64_t sector_bytes = 512;

  // One file or folder. Handles stay valid as long as they are held; a power cut makes every call
  // on them fail, the bytes that maps point at stay.
  struct Node;
  using NodeRef = std::shared_ptr<Node>;

  struct Entry {
    std::string name;
    uint64_t size = 0;
    bool folder = false;
  };

  // How a disk is broken on purpose, to show that a checker notices.
  struct Lies {
    bool sync_does_nothing = false;  // and says it did
    bool keeps_no_zeros = false;     // zero(), and writes of nothing but zeros, change no byte
    bool bad_pages_read_as_zeros = false;  // and no read fails
  };

  explicit LyingDisk(uint64_t seed);

  // ── what happens to the machine
  // Every call that changes something fails with this chance from now on.
  // Returns what the chance was.
  uint64_t fail_calls(uint64_t per_million) {
    return std::exchange(faults_per_million_, per_million);
  }
  // Reads of folders and sizes fail with this chance. Reads of files and loads of maps find with
  // this chance a page that can't be read from then on, until this is called again; reads of files
  // may end early. What was written and not synced is in memory. Decided by numbers of their own,
  // so a seed's history is else the same.
  void fail_reads(uint64_t per_million) {
    read_faults_per_million_ = per_million;
    bad_pages_age_++;
  }
  // Hides that for a while, for the reads of a checker; then false.
  void hide_read_faults(bool hide) { read_faults_hidden_ = hide; }
  // The machine stops during the n-th changing call or store from now on, n >= 1; 0: it doesn't.
  void stop_after(uint64_t calls) { calls_until_stop_ = calls; }
  void stop() { off_ = true; }
  // Until one of the next two, every call fails and stores are lost.
  bool off() const { return off_; }
  void lose_power();  // only what survives is there
  void go_on();       // all is there: only the process was killed, and another one comes
  void set_lies(const Lies& lies) { lies_ = lies; }
  uint64_t calls() const { return calls_; }    // changing calls and stores so far
  uint64_t faults() const { return faults_; }  // calls that failed though the power was on
  uint64_t read_faults() const { return read_faults_; }  // those that only read
  uint64_t syncs() const { return syncs_; }              // that said they succeeded

  // ── names; paths are absolute
  int open(const std::string& path, bool create, NodeRef& file);
  int list(const std::string& folder, std::vector<Entry>& entries);  // sorted by name
  int make_folders(const std::string& path);                         // may exist
  int sync_folder(const std::string& path);
  int rename(const std::string& from, const std::string& to);  // replaces a file
  int remove(const std::string& path);                         // a file or an empty folder
  int stat(const std::string& path, Entry& entry);
  int sync_all();  // every file and folder

  // ── files
  uint64_t size(const NodeRef& file) const;
  // What may be fewer than wanted, as with pread; 0 at the end.
  int read(const NodeRef& file, uint64_t at, std::span<uint8_t> into, size_t& got);
  int write(const NodeRef& file, uint64_t at, std::span<const uint8_t> bytes, size_t& put);
  int resize(const NodeRef& file, uint64_t bytes);  // what is added reads as zeros
  int zero(const NodeRef& file, uint64_t at, uint64_t bytes);
  int sync(const NodeRef& file);
  int lock(const NodeRef& file, const void* owner);
  void unlock(const NodeRef& file, const void* owner);
  // The live bytes, for maps of at most the file's size. A mapped file cannot grow.
  std::shared_ptr<uint8_t[]> memory(const NodeRef& file) const;
  // Brings a part of a map into memory, which can fail; a look at it then can't. resident(): is it
  // there already? With failing reads by chance, else always.
  int load(const NodeRef& file, uint64_t at, uint64_t bytes);
  bool resident(const NodeRef& file, uint64_t at, uint64_t bytes);
  // A store through a map: cannot fail; the power may go in the middle of it.
  void store(const NodeRef& file, uint64_t at, std::span<const uint8_t> bytes);

  // Is the range on the device, whatever happens next?
  bool holds(const std::string& path, uint64_t at, uint64_t bytes) const;

 private:
  // Of names: a new one (to), one removed (from), or both at once.
  struct Change {
    NodeRef from;
    std::string from_name;
    NodeRef to;
    std::string to_name;
    NodeRef node;
  };

  int enter(bool can_fail = true);
  int leave();
  bool reads_fail() const { return read_faults_per_million_ > 0 && !read_faults_hidden_; }
  bool read_fails();
  bool read_fails(Node& file, uint64_t at, uint64_t bytes);
  NodeRef find(std::string_view path) const;
  NodeRef find_parent(const std::string& path, std::string& name) const;
  void link(const NodeRef& folder, const std::string& name, const NodeRef& node);
  void put(Node& file, uint64_t at, std::span<const uint8_t> bytes);
  void make_durable(Node& file);
  void forget_dirty(Node& file);
  static void apply(const Change& change);
  NodeRef survivor(const Node& node);
  void survive_pages(const Node& old, Node& file, uint64_t mood);

  Rng rng_;
  Rng read_rng_;
  Lies lies_;
  NodeRef root_;
  std::vector<Change> changes_;  // of folders, not synced, in order
  uint64_t boot_ = 0;            // nodes of earlier boots are dead
  bool off_ = false;
  bool stop_at_end_ = false;  // when the call in hand has had its effect
  uint64_t calls_until_stop_ = 0;
  uint64_t faults_per_million_ = 0;
  uint64_t read_faults_per_million_ = 0;
  bool read_faults_hidden_ = false;
  uint64_t bad_pages_age_ = 0;
  uint64_t calls_ = 0;
  uint64_t faults_ = 0;
  uint64_t read_faults_ = 0;
  uint64_t syncs_ = 0;
};

}  // namespace gantry::testing
