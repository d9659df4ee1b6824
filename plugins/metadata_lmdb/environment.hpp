// Environment: one LMDB environment, the file <folder>/data.mdb. Keys are "<table> 0 <key>" in its
// one unnamed database, so a scan of a table is a range. Owned by MetadataLmdb; opened on the
// control thread. commit(): one thread at a time. scan() and read(): any thread that may block.
#pragma once

#include <gantry/cap/metadata_store.h>
#include <lmdb.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace gantry::metadata_lmdb {

inline constexpr size_t table_bytes_max = 30;
inline constexpr size_t key_bytes_max = 480;
static_assert(table_bytes_max + 1 + key_bytes_max <= 511, "LMDB's limit of a key");

class Environment {
 public:
  struct Options {
    std::filesystem::path folder;
    uint64_t map_bytes = uint64_t{64} << 20;      // of the memory map at first
    uint64_t map_bytes_max = uint64_t{16} << 30;  // what it may grow to
  };
  // Throws a Refusal that names the file when it is damaged or not Gantry's.
  explicit Environment(Options options);
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment();

  // Puts (or, where value.data is null, erases) all documents in one transaction; durable when it
  // returns. Grows the map when it is full. Throws with nothing changed.
  void commit(std::span<const gantry_document> documents);

  // Calls each() for the table's documents with key >= from, in key order, from one snapshot.
  gantry_status scan(std::string_view table, gantry_bytes from,
                     const std::function<gantry_status(const gantry_document&)>& each);
  // Calls found() with the value, borrowed until it returns. GONE when there is none.
  gantry_status read(std::string_view table, gantry_bytes key,
                     const std::function<gantry_status(gantry_bytes)>& found);

  uint64_t map_bytes() const;

 private:
  class Reader;
  class Writer;

  void open();
  void check_format();
  int try_commit(std::span<const gantry_document> documents);
  void grow();
  [[noreturn]] void fail(const char* what, int error) const;
  std::filesystem::path file() const { return options_.folder / "data.mdb"; }

  const Options options_;
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;

  // The map may only be resized while nobody reads it. A reader inside another's scan must not
  // wait for the resize, so the resize waits for readers and never the other way round.
  std::mutex readers_guard_;
  std::condition_variable no_readers_;
  int readers_ = 0;  // guarded by readers_guard_
};

}  // namespace gantry::metadata_lmdb
