// gantry.store_check: what an instance that is never started finds of light queues and of codes it
// is told are not known.
#include <gantry/cap/store_check.h>

#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

// The module as `gantry verify` has it: made, and never started.
class NeverStarted {
 public:
  NeverStarted() : plugin_(gantry_plugin_v1), module_(*gantry_plugin_v1.modules[0]) {
    for (uint32_t i = 0; i < module_.offer_count; ++i) {
      if (std::string_view(module_.offers[i]->id) == GANTRY_CAP_STORE_CHECK) {
        offers_[0] = module_.offers[i];
      }
    }
    module_.offers = offers_;
    module_.offer_count = 1;
    module_.start = [](gantry_instance*, gantry_token, gantry_error*) { return GANTRY_OK; };
    module_.stop = [](gantry_instance*) {};
    plugin_.modules = modules_;
  }
  NeverStarted(const NeverStarted&) = delete;
  NeverStarted& operator=(const NeverStarted&) = delete;
  const gantry_plugin& plugin() const { return plugin_; }

 private:
  gantry_plugin plugin_;
  gantry_module module_;
  const gantry_module* modules_[1] = {&module_};
  const gantry_offer* offers_[1] = {};
};

// Feeds records to an index, stores them, and compares the files with records afterwards.
struct Checked {
  std::vector<Record> records;
  Index index;

  void light(const std::string& names, const std::string& numbers) {
    std::string properties;
    fake::add_property(properties, "INNER_MULTI_DISPATCH", names);
    fake::add_property(properties, "INNER_MULTI_QUEUE_OFFSET", numbers);
    const auto at = static_cast<int64_t>(records.size());
    records.push_back({.queue_offset = at, .log_offset = at * 100, .tag_code = 3,
                       .properties = properties});
  }
  void store() {
    REQUIRE(index.feed(records).status == GANTRY_OK);
    index.persist(end());
    index.stop();
  }
  int64_t end() const { return static_cast<int64_t>(records.size()) * 100; }

  std::vector<std::string> findings(uint32_t flags = 0) {
    const NeverStarted module;
    fake::Host host({.data_dir = index.root().string()});
    fake::Instance& store = host.load(module.plugin(), "store_file", {{"key_index", false}});
    host.start();
    const auto& check = store.table<gantry_store_check>(GANTRY_CAP_STORE_CHECK);
    std::vector<std::string> found;
    const gantry_check_sink sink{sizeof sink, 0, &found, [](void* context, gantry_str text) {
      static_cast<std::vector<std::string>*>(context)->emplace_back(sdk::view(text));
    }};
    std::vector<gantry_message> messages;
    for (const Record& record : records) messages.push_back(record.view());
    for (gantry_message& message : messages) message.flags |= flags;
    const gantry_batch batch{sizeof batch, sizeof(gantry_message),
                             static_cast<uint32_t>(messages.size()), 0, messages.data()};
    int64_t covered = 0;
    gantry_check_counts counts{};
    counts.struct_size = sizeof counts;
    REQUIRE(check.open(store.self(), &sink, &covered, nullptr) == GANTRY_OK);
    CHECK(covered == end());
    REQUIRE(check.check(store.self(), &batch, nullptr) == GANTRY_OK);
    REQUIRE(check.close(store.self(), 0, end(), &counts, nullptr) == GANTRY_OK);
    return found;
  }
};

}  // namespace

TEST_CASE("light queues as the log numbers them are whole, also behind a gap in the log itself") {
  Checked checked;
  checked.light("%LMQ%a,%LMQ%b", "0,5");
  checked.light("%LMQ%b", "6");
  checked.light("%LMQ%a", "7");  // the log's own gap: not in the index
  checked.store();
  CHECK(checked.findings().empty());
}

TEST_CASE("a light queue whose unit tells of another record is found") {
  Checked checked;
  checked.light("%LMQ%a", "0");
  checked.light("%LMQ%a", "1");
  checked.store();
  checked.records[1].properties = checked.records[0].properties;  // number 0 twice, 1 not at all
  const std::vector<std::string> found = checked.findings();
  REQUIRE(found.size() == 1);
  CHECK(found[0] == "%LMQ%a/0 has units up to 2, the log's records end at 1");
  checked.records[1] = {.queue_offset = 1, .log_offset = 100, .tag_code = 4,
                        .properties = checked.records[1].properties};
  CHECK(checked.findings().size() == 2);  // and the code in its own queue
}

TEST_CASE("a code that is not known is not compared, all else is") {
  Checked checked;
  for (int i = 0; i < 3; ++i) checked.light("%LMQ%a", std::to_string(i));
  checked.store();
  for (Record& record : checked.records) record.tag_code = 99;
  CHECK(checked.findings().size() == 6);
  CHECK(checked.findings(GANTRY_MSG_CODE_UNKNOWN).empty());
  checked.records[1].size = 99;
  CHECK(checked.findings(GANTRY_MSG_CODE_UNKNOWN).size() == 2);
}
