// Log consumers and the metadata store in the fake host.
#include <catch2/catch.hpp>

#include "scripted.hpp"

using namespace gantry::sdk;
using namespace gantry::sdk::testing;
using Catch::Contains;
using Texts = std::vector<std::string>;

TEST_CASE("a consumer is replayed from its position, then told live, then gets what is new") {
  Scripts scripts;
  fake::Log log;
  log.append_visible({.topic = "t", .body = "a"});
  const auto second = log.append_visible({.topic = "t", .body = "b"});
  scripts["index"].position = second.log_begin;
  fake::Host host({.log = &log});
  auto& index = host.load(scripted_plugin, "index");
  host.start();
  REQUIRE(scripts["index"].consumed == Texts{"b"});
  REQUIRE(scripts["index"].live == std::vector<int64_t>{second.log_end});
  log.append_visible({.topic = "t", .body = "c"});
  host.run_until_idle();
  REQUIRE(scripts["index"].consumed == Texts{"b", "c"});
  REQUIRE(host.consumed(index) == log.end());
}

TEST_CASE("a consumer ahead of a log that came back shorter is truncated at start") {
  Scripts scripts;
  scripts["index"].position = 4096;
  fake::Host host;
  host.load(scripted_plugin, "index");
  host.start();
  REQUIRE(scripts["index"].truncated == std::vector<int64_t>{0});
}

TEST_CASE("stages run in the order of `after`, whatever the configuration's") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "wake");
  host.load(scripted_plugin, "index");
  host.start();
  scripts.events.clear();
  host.log().append_visible({.topic = "t"});
  host.run_until_idle();
  REQUIRE(scripts.events == Texts{"index consume", "wake consume"});
}

TEST_CASE("records come in batches of the size a test sets") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "index");
  host.set_batch_records(2);
  host.start();
  for (int i = 0; i < 5; ++i) host.log().append_visible({.topic = "t"});
  host.run_until_idle();
  REQUIRE(scripts["index"].batches == std::vector<size_t>{2, 2, 1});
  REQUIRE(host.live_buffers() == 0);
}

TEST_CASE("nothing beyond VISIBLE is consumed") {
  Scripts scripts;
  fake::Host host;
  auto& handler = host.load(scripted_plugin, "handler");
  host.load(scripted_plugin, "index");
  host.start();
  host.log().hold_marks();
  const gantry_host* raw = handler.host();
  const auto& commitlog =
      *static_cast<const gantry_commitlog*>(raw->service(raw, GANTRY_HOST_COMMITLOG));
  host.on_shard([&](const gantry_call& call) {
    const std::string address = fake::host_bytes("127.0.0.1:10911");
    gantry_message record{};
    record.struct_size = sizeof record;
    record.topic = str("t");
    record.born_host = record.store_host = bytes(std::string_view(address));
    gantry_put put{sizeof put, 0, 1, sizeof record, &record, 1, 0, nullptr};
    gantry_put_result result{};
    result.struct_size = sizeof result;
    REQUIRE(commitlog.append(raw, &call, &put, &result) == GANTRY_OK);
    gantry_slice slice{};
    REQUIRE(commitlog.read(raw, 0, 10, 0, &slice) == GANTRY_GONE);
  });
  host.run_until_idle();
  REQUIRE(scripts["index"].consumed.empty());
  const int64_t end = host.log().end();
  REQUIRE_THROWS_AS(host.log().raise(GANTRY_MARK_VISIBLE, end), std::logic_error);
  host.log().raise(GANTRY_MARK_WRITTEN, end);
  host.log().raise(GANTRY_MARK_VISIBLE, end);
  host.run_until_idle();
  REQUIRE(scripts["index"].consumed.size() == 1);
  host.log().make_cold_below(end);
  gantry_slice slice{};
  host.on_shard([&](const gantry_call&) {
    REQUIRE(commitlog.read(raw, 0, 10, 0, &slice) == GANTRY_WOULD_BLOCK);
  });
  host.on_worker(
      [&](const gantry_call&) { REQUIRE(commitlog.read(raw, 0, 10, 1, &slice) == GANTRY_OK); });
  static_cast<const gantry_buffers*>(raw->service(raw, GANTRY_HOST_BUFFERS))
      ->release(raw, slice.buffer);
}

TEST_CASE("a consumer that fails is asked again after a pause, the third time closes the log") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "index");
  host.start();
  int failures = 0;
  scripts["index"].consume = [&](const gantry_batch& batch, uint32_t& consumed) -> gantry_status {
    if (failures-- > 0) throw Refusal(GANTRY_FAULT, "disk full");
    consumed = batch.count;
    return GANTRY_OK;
  };
  failures = 2;
  host.log().append_visible({.topic = "t"});
  host.advance_ms(1000);
  REQUIRE(host.take_breaches().empty());
  failures = 3;
  host.log().append_visible({.topic = "t"});
  host.advance_ms(1000);
  const auto breaches = host.take_breaches();
  REQUIRE(breaches.size() == 1);
  REQUIRE_THAT(breaches[0], Contains("index cannot consume the log") && Contains("disk full"));
  REQUIRE_THROWS_WITH(host.log().append_visible({.topic = "t"}), Contains("disk full"));
}

TEST_CASE("what a consumer did not take comes again") {
  Scripts scripts;
  fake::Host host;
  auto& index = host.load(scripted_plugin, "index");
  host.start();
  Texts seen;
  scripts["index"].consume = [&](const gantry_batch& batch, uint32_t& consumed) {
    seen.emplace_back(view(batch.first[0].body));
    consumed = 1;
    return GANTRY_OK;
  };
  host.log().append_visible({.topic = "t", .body = "a"});
  host.log().append_visible({.topic = "t", .body = "b"});
  host.advance_ms(1000);
  REQUIRE(seen == Texts{"a", "b"});
  REQUIRE(host.consumed(index) == host.log().end());
}

TEST_CASE("persisting beyond STABLE is a breach") {
  Scripts scripts;
  fake::Host host;
  auto& index = host.load(scripted_plugin, "index");
  host.start();
  host.log().append_visible({.topic = "t"});
  REQUIRE(host.persist(index) == host.log().end());
  scripts["index"].persist = [](int64_t stable) { return stable + 1; };
  host.persist(index);
  const auto breaches = host.take_breaches();
  REQUIRE(breaches.size() == 1);
  REQUIRE_THAT(breaches[0], Contains("beyond STABLE"));
}

TEST_CASE("a cut log is told to consumers, who go on behind the cut") {
  Scripts scripts;
  fake::Host host;
  auto& index = host.load(scripted_plugin, "index");
  host.start();
  host.log().append_visible({.topic = "t", .body = "a"});
  const auto cut = host.log().append_visible({.topic = "t", .body = "b"});
  host.run_until_idle();
  host.truncate(cut.log_begin);
  REQUIRE(scripts["index"].truncated == std::vector<int64_t>{cut.log_begin});
  REQUIRE(host.consumed(index) == cut.log_begin);
  host.log().append_visible({.topic = "t", .body = "c"});
  host.run_until_idle();
  REQUIRE(scripts["index"].consumed == Texts{"a", "b", "c"});
}

// ── the metadata store

namespace {

struct StoreFixture {
  StoreFixture() {
    host.offer(store);
    host.load(scripted_plugin, "handler");
    host.start();
  }
  gantry_status write(std::string_view key, std::string_view value, fake::Completion& done) {
    gantry_status status = GANTRY_OK;
    host.on_shard([&](const gantry_call& call) {
      const gantry_document document{str("topics"), bytes(key), bytes(value)};
      status = fake::MetadataStore::vtable().write(self(), &call, &document, 1, GANTRY_WRITE_NOW,
                                                   done.get());
      REQUIRE(done.count() == 0);  // never inside the call
    });
    host.run_until_idle();
    return status;
  }
  gantry_instance* self() { return reinterpret_cast<gantry_instance*>(&store); }
  Scripts scripts;
  fake::MetadataStore store;
  fake::Host host;
};

}  // namespace

TEST_CASE("a write of the fake store is stored, then completed on the shard that asked") {
  StoreFixture f;
  uint32_t shard = GANTRY_NO_SHARD;
  fake::Completion done(
      [&](const gantry_call& call, gantry_status, const void*) { shard = call.shard; });
  REQUIRE(f.write("T", "v", done) == GANTRY_OK);
  REQUIRE(done.status() == GANTRY_OK);
  REQUIRE(shard == 0);
  REQUIRE(f.store.get("topics", "T") == "v");
  REQUIRE(f.store.now_writes() == 1);
}

TEST_CASE("the fake store fails a write, with its reason, and stores nothing") {
  StoreFixture f;
  std::string reason;
  fake::Completion done(
      [&](const gantry_call& call, gantry_status, const void*) { reason = call.error->text; });
  f.store.fail_next_write("the disk is full");
  f.write("T", "v", done);
  REQUIRE(done.status() == GANTRY_FAULT);
  REQUIRE(reason == "the disk is full");
  REQUIRE_FALSE(f.store.get("topics", "T").has_value());
  fake::Completion again;
  f.write("T", "v", again);
  REQUIRE(again.status() == GANTRY_OK);
}

TEST_CASE("held writes are neither stored nor completed until released, or lost") {
  StoreFixture f;
  fake::Completion first;
  f.store.hold();
  f.write("T", "v", first);
  REQUIRE(f.store.held() == 1);
  REQUIRE_FALSE(first.called());
  REQUIRE_FALSE(f.store.get("topics", "T").has_value());
  f.store.release();
  f.host.run_until_idle();
  REQUIRE(first.status() == GANTRY_OK);
  REQUIRE(f.store.get("topics", "T") == "v");

  fake::Completion second;
  f.store.hold();
  f.write("U", "v", second);
  f.host.kill();
  REQUIRE(second.status() == GANTRY_CANCELLED);
  REQUIRE_FALSE(f.store.get("topics", "U").has_value());
}

TEST_CASE("a bad table or key is refused by name") {
  StoreFixture f;
  fake::Completion done;
  REQUIRE(f.write(std::string(481, 'k'), "v", done) == GANTRY_INVALID);
  REQUIRE(done.count() == 0);
}

TEST_CASE("scanning the fake store from a shard is a breach") {
  StoreFixture f;
  f.store.put("topics", "a", "1");
  f.store.put("topics", "b", "2");
  Texts keys;
  const auto each = [](void* context, const gantry_document* document) -> gantry_status {
    static_cast<Texts*>(context)->emplace_back(view(document->key));
    return GANTRY_OK;
  };
  const auto scan = [&](const gantry_call& call) {
    fake::MetadataStore::vtable().scan(f.self(), &call, str("topics"), bytes(std::string_view("b")),
                                       each, &keys);
  };
  f.host.on_worker(scan);
  REQUIRE(keys == Texts{"b"});
  REQUIRE(f.host.take_breaches().empty());
  f.host.on_shard(scan);
  REQUIRE(f.host.take_breaches().size() == 1);
}
