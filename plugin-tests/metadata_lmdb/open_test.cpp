// What opens and what doesn't; scans.
#include "fixture.hpp"

namespace gantry::testing {
namespace {

TEST_CASE("a scan goes in the order of key bytes, from a key on, through one table only") {
  Store store;
  const std::string zero("a\0b", 3);
  store.put({{"t", "b", "4"},
             {"t", "\xff", "6"},
             {"t", "a", "1"},
             {"t", zero, "2"},
             {"t", "aa", "3"},
             {"t", "c", "5"},
             {"s", "z", "-"},
             {"t_", "a", "-"},
             {"u", "", "-"}});
  CHECK(store.scan("t") ==
        Rows{{"a", "1"}, {zero, "2"}, {"aa", "3"}, {"b", "4"}, {"c", "5"}, {"\xff", "6"}});
  CHECK(store.scan("t", "b") == Rows{{"b", "4"}, {"c", "5"}, {"\xff", "6"}});
  CHECK(store.scan("t", "bb").size() == 2);
  CHECK(store.scan("t", "\xff\x01").empty());
  CHECK(store.scan("u") == Rows{{"", "-"}});
}

TEST_CASE("a scan ends with the status its caller returns, and may read in between") {
  Store store;
  store.put({{"t", "a", "1"}, {"t", "b", "2"}, {"t", "c", "3"}});
  struct Seen {
    Store* store;
    Rows rows;
  } seen{&store, {}};
  store.host().on_worker([&](const gantry_call& call) {
    const auto each = [](void* context, const gantry_document* document) -> gantry_status {
      auto& to = *static_cast<Seen*>(context);
      Store::add(&to.rows, document);
      CHECK(to.store->read("t", std::string(sdk::view(document->key))) == to.rows.back().second);
      return to.rows.size() == 2 ? GANTRY_CANCELLED : GANTRY_OK;
    };
    CHECK(store.table().scan(store.self(), &call, sdk::str("t"), {}, each, &seen) ==
          GANTRY_CANCELLED);
  });
  CHECK(seen.rows.size() == 2);
}

TEST_CASE("scan works on the control thread without a call") {
  Store store;
  store.put({{"t", "a", "1"}});
  Rows rows;
  CHECK(store.table().scan(store.self(), nullptr, sdk::str("t"), {}, &Store::add, &rows) ==
        GANTRY_OK);
  CHECK(rows == Rows{{"a", "1"}});
}

// Ten pages of documents, a value on pages of its own, and a free list.
void fill(Store& store) {
  for (int round = 0; round < 3; ++round) {
    std::vector<Document> documents;
    for (int i = 0; i < 300; ++i) {
      documents.push_back({"t", "key" + std::to_string(i * 7919 % 1000), std::string(100, 'v')});
    }
    documents.push_back({"t", "large", std::string(10'000, 'x')});
    REQUIRE(store.put(documents) == GANTRY_OK);
  }
}

void patch(const fs::path& file, std::streamoff at, const std::string& bytes) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(at);
  out << bytes;
}

TEST_CASE("a damaged or foreign file is a start error that names it") {
  Store store;
  fill(store);
  store.stop();
  const auto size = static_cast<std::streamoff>(fs::file_size(store.file()));
  std::string reason;
  SECTION("text") {
    std::ofstream(store.file()) << std::string(20'000, 'x');
    reason = "it is no LMDB file";
  }
  SECTION("a few bytes") {
    std::ofstream(store.file()) << "hello";
    reason = "it is cut off";
  }
  SECTION("cut in the middle") {
    fs::resize_file(store.file(), static_cast<uintmax_t>(size / 2));
    reason = "beyond its end";
  }
  SECTION("pages overwritten") {
    patch(store.file(), 8192, std::string(static_cast<size_t>(size) - 8192, '\xaa'));
    reason = "is damaged";
  }
  SECTION("pages zeroed") {
    patch(store.file(), 8192, std::string(static_cast<size_t>(size) - 8192, '\0'));
    reason = "is damaged";
  }
  SECTION("another LMDB data version") {
    patch(store.file(), 20, std::string("\x07", 1));
    reason = "LMDB data version 7";
  }
  SECTION("another program's LMDB file") {
    fs::remove(store.file());
    MDB_env* env = nullptr;
    MDB_txn* txn = nullptr;
    MDB_dbi dbi = 0;
    REQUIRE(mdb_env_create(&env) == 0);
    REQUIRE(mdb_env_open(env, store.file().parent_path().c_str(), 0, 0644) == 0);
    REQUIRE(mdb_txn_begin(env, nullptr, 0, &txn) == 0);
    REQUIRE(mdb_dbi_open(txn, nullptr, 0, &dbi) == 0);
    std::string text = "theirs";
    MDB_val value{text.size(), text.data()};
    REQUIRE(mdb_put(txn, dbi, &value, &value, 0) == 0);
    REQUIRE(mdb_txn_commit(txn) == 0);
    mdb_env_close(env);
    reason = "is not a metadata store";
  }
  SECTION("a folder") {
    fs::remove(store.file());
    fs::create_directories(store.file());
    reason = "";
  }
  CHECK_THROWS_WITH(store.start(),
                    Catch::Contains(store.file().string()) && Catch::Contains(reason));
}

TEST_CASE("every page zeroed by itself is noticed or unused, and never ends the process") {
  Store store;
  fill(store);
  store.stop();
  std::ifstream in(store.file(), std::ios::binary);
  const std::string sound{std::istreambuf_iterator<char>(in), {}};
  size_t noticed = 0;
  for (size_t at = 8192; at < sound.size(); at += 4096) {
    std::string torn = sound;
    std::fill_n(torn.begin() + static_cast<std::ptrdiff_t>(at), 4096, '\0');
    std::ofstream(store.file(), std::ios::binary | std::ios::trunc) << torn;
    bool started = false;
    try {
      store.start();
      started = true;
    } catch (const std::runtime_error& refused) {
      ++noticed;
    }
    if (started) {
      CHECK(store.scan("t").size() == 301);
      store.stop();
    }
  }
  CHECK(noticed > 5);
}

TEST_CASE("a file of the last run, a new one and an empty one open") {
  Store store;
  fill(store);
  store.restart();
  CHECK(store.scan("t").size() == 301);
  store.stop();
  fs::resize_file(store.file(), 0);
  store.start();
  CHECK(store.scan("t").empty());
  CHECK(store.put({{"t", "a", "1"}}) == GANTRY_OK);
}

}  // namespace
}  // namespace gantry::testing
