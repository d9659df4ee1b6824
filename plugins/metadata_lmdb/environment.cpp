#include "environment.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"
#include "file_check.hpp"

namespace gantry::metadata_lmdb {
namespace {

// Sorts before every table. What another program put into the file has no such key.
constexpr std::string_view format_key("\0format", 7);
constexpr std::string_view format = "gantry.metadata_lmdb 1";

MDB_val value_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}
std::string_view view_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

std::string stored_key(std::string_view table, gantry_bytes key) {
  std::string out(table);
  out += '\0';
  return out += sdk::view(key);
}

// A new file's name is durable only with its folder.
void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced) throw sdk::Refusal(GANTRY_FAULT, "sync " + folder.string() + " failed");
}

}  // namespace

void Environment::fail(const char* what, int error) const {
  throw sdk::Refusal(GANTRY_FAULT,
                     std::string(what) + " " + file().string() + ": " + mdb_strerror(error));
}

// A read transaction, while which the map keeps its place.
class Environment::Reader {
 public:
  explicit Reader(Environment& environment) : environment_(environment) {
    {
      const std::lock_guard lock(environment_.readers_guard_);
      ++environment_.readers_;
    }
    const int error = mdb_txn_begin(environment_.env_, nullptr, MDB_RDONLY, &txn_);
    if (error != 0) {
      leave();
      environment_.fail("read", error);
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    mdb_txn_abort(txn_);
    leave();
  }
  MDB_txn* txn() const { return txn_; }

 private:
  void leave() {
    const std::lock_guard lock(environment_.readers_guard_);
    if (--environment_.readers_ == 0) environment_.no_readers_.notify_all();
  }

  Environment& environment_;
  MDB_txn* txn_ = nullptr;
};

// A write transaction, undone unless committed.
class Environment::Writer {
 public:
  Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (txn_) mdb_txn_abort(txn_);
  }
  int begin(MDB_env* env) { return mdb_txn_begin(env, nullptr, 0, &txn_); }
  int commit() { return mdb_txn_commit(std::exchange(txn_, nullptr)); }
  MDB_txn* txn() const { return txn_; }

 private:
  MDB_txn* txn_ = nullptr;
};

Environment::Environment(Options options) : options_(std::move(options)) {
  if (const auto damage = find_damage(file())) {
    throw sdk::Refusal(GANTRY_FAULT, file().string() + ": " + *damage);
  }
  try {
    open();
  } catch (...) {
    mdb_env_close(env_);
    throw;
  }
}

Environment::~Environment() {
  mdb_env_close(env_);
}

void Environment::open() {
  int error = mdb_env_create(&env_);
  if (error != 0) fail("create", error);
  // Never above the bound, but at least what the file already uses: LMDB sees to that.
  mdb_env_set_mapsize(env_, std::min(options_.map_bytes, options_.map_bytes_max));
  error = mdb_env_open(env_, options_.folder.c_str(), MDB_NOTLS, 0644);
  if (error != 0) fail("open", error);
  check_format();
  sync_folder(options_.folder);
}

void Environment::check_format() {
  Writer writer;
  int error = writer.begin(env_);
  if (error == 0) error = mdb_dbi_open(writer.txn(), nullptr, 0, &dbi_);
  if (error != 0) fail("open", error);
  MDB_stat facts{};
  mdb_stat(writer.txn(), dbi_, &facts);
  MDB_val key = value_of(format_key);
  MDB_val value{};
  error = mdb_get(writer.txn(), dbi_, &key, &value);
  if (error == 0 && view_of(value) == format) {
    if ((error = writer.commit()) != 0) fail("open", error);  // keeps the database's handle
    return;
  }
  if (error == 0 || facts.ms_entries > 0) {
    throw sdk::Refusal(GANTRY_FAULT, file().string() + " is not a metadata store of this version");
  }
  if (error != MDB_NOTFOUND) fail("read", error);
  value = value_of(format);
  error = mdb_put(writer.txn(), dbi_, &key, &value, 0);
  if (error == 0) error = writer.commit();
  if (error != 0) fail("write", error);
}

uint64_t Environment::map_bytes() const {
  MDB_envinfo facts{};
  mdb_env_info(env_, &facts);
  return facts.me_mapsize;
}

void Environment::commit(std::span<const gantry_document> documents) {
  int error = 0;
  while ((error = try_commit(documents)) == MDB_MAP_FULL) grow();
  if (error != 0) fail("write", error);
}

int Environment::try_commit(std::span<const gantry_document> documents) {
  Writer writer;
  int error = writer.begin(env_);
  for (const gantry_document& document : documents) {
    if (error != 0) return error;
    const std::string text = stored_key(sdk::view(document.table), document.key);
    MDB_val key = value_of(text);
    if (document.value.data) {
      MDB_val value = value_of(sdk::view(document.value));
      error = mdb_put(writer.txn(), dbi_, &key, &value, 0);
    } else {
      error = mdb_del(writer.txn(), dbi_, &key, nullptr);
      if (error == MDB_NOTFOUND) error = 0;
    }
  }
  return error != 0 ? error : writer.commit();
}

void Environment::grow() {
  const uint64_t now = map_bytes();
  if (now >= options_.map_bytes_max) {
    throw sdk::Refusal(GANTRY_FAULT, "write " + file().string() +
                                         ": it has reached map_bytes_max " +
                                         std::to_string(options_.map_bytes_max));
  }
  std::unique_lock lock(readers_guard_);
  constexpr std::chrono::seconds patience{10};  // a scan that waits for this very write never ends
  if (!no_readers_.wait_for(lock, patience, [this] { return readers_ == 0; })) {
    throw sdk::Refusal(GANTRY_FAULT, "grow " + file().string() + ": a reader did not end");
  }
  const int error = mdb_env_set_mapsize(env_, std::min(now * 2, options_.map_bytes_max));
  if (error != 0) fail("grow", error);
}

gantry_status Environment::scan(std::string_view table, gantry_bytes from,
                                const std::function<gantry_status(const gantry_document&)>& each) {
  const std::string prefix = stored_key(table, {});
  const std::string first = stored_key(table, from);
  const Reader reader(*this);
  MDB_cursor* opened = nullptr;
  int error = mdb_cursor_open(reader.txn(), dbi_, &opened);
  if (error != 0) fail("read", error);
  const std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> cursor(opened, mdb_cursor_close);
  MDB_val key = value_of(first);
  MDB_val value{};
  for (auto move = MDB_SET_RANGE;; move = MDB_NEXT) {
    error = mdb_cursor_get(cursor.get(), &key, &value, move);
    if (error == MDB_NOTFOUND || (error == 0 && !view_of(key).starts_with(prefix))) {
      return GANTRY_OK;
    }
    if (error != 0) fail("read", error);
    const gantry_document document{sdk::str(table), sdk::bytes(view_of(key).substr(prefix.size())),
                                   sdk::bytes(view_of(value))};
    const gantry_status status = each(document);
    if (status != GANTRY_OK) return status;
  }
}

gantry_status Environment::read(std::string_view table, gantry_bytes key,
                                const std::function<gantry_status(gantry_bytes)>& found) {
  const std::string text = stored_key(table, key);
  const Reader reader(*this);
  MDB_val wanted = value_of(text);
  MDB_val value{};
  const int error = mdb_get(reader.txn(), dbi_, &wanted, &value);
  if (error == MDB_NOTFOUND) return GANTRY_GONE;
  if (error != 0) fail("read", error);
  return found(sdk::bytes(view_of(value)));
}

}  // namespace gantry::metadata_lmdb
