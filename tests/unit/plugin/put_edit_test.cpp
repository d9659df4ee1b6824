// What a put hook may edit, who sees it, and what is refused.
#include "hook_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

using Editing = std::function<void(sdk::PutEdit&)>;

// What is stored of a put that an only hook has edited.
Texts stored_after(const Editing& editing, Records& records) {
  HookNode node;
  hook_scripts["every"].before = [&](const gantry_call&, const gantry_put&, sdk::PutEdit& edit) {
    editing(edit);
    return GANTRY_OK;
  };
  REQUIRE(node.start({"every"}).has_value());
  REQUIRE(node.append(records.put) == GANTRY_OK);
  return node.stored();
}

// The same of one record of topic T.
std::string edited(const std::string& properties, const Editing& editing) {
  Records records("T", {properties});
  const Texts stored = stored_after(editing, records);
  REQUIRE(stored.size() == 1);
  return stored[0];
}

// Why an edit of a put of two records can't be; the put is stored as it was.
std::string refusal(const Editing& editing) {
  std::string text;
  Records records("T", {"A\x01x\x02", "B\x01y\x02"});
  const Texts stored = stored_after(
      [&](sdk::PutEdit& edit) {
        try {
          editing(edit);
        } catch (const sdk::Refusal& refusal) {
          CHECK(refusal.status() == GANTRY_INVALID);
          text = refusal.what();
        }
      },
      records);
  CHECK(stored == Texts{"T/0 A=x; body", "T/0 B=y; body"});
  return text;
}

}  // namespace

TEST_CASE("a property is set behind the others and replaces every one of its name") {
  const Editing set = [](sdk::PutEdit& edit) { edit.set_property(0, "K", "new"); };
  CHECK(edited("", set) == "T/0 K=new; body");
  CHECK(edited("A\x01x\x02", set) == "T/0 A=x;K=new; body");
  CHECK(edited("A\x01x", set) == "T/0 A=x;K=new; body");
  CHECK(edited("K\x01one\x02"
               "A\x01x\x02K\x01two\x02",
               set) == "T/0 A=x;K=new; body");
  CHECK(edited("A\x01x\x02K\x01one", set) == "T/0 A=x;K=new; body");
  CHECK(edited("KK\x01one\x02", set) == "T/0 KK=one;K=new; body");
}

TEST_CASE("a property is erased, by an empty value too, and the rest stays") {
  const std::string text = "K\x01one\x02"
                           "A\x01x\x02K\x01two\x02";
  CHECK(edited(text, [](sdk::PutEdit& edit) { edit.erase_property(0, "K"); }) == "T/0 A=x; body");
  CHECK(edited(text, [](sdk::PutEdit& edit) { edit.set_property(0, "K", ""); }) ==
        "T/0 A=x; body");
  CHECK(edited(text, [](sdk::PutEdit& edit) { edit.erase_property(0, "B"); }) ==
        "T/0 K=one;A=x;K=two; body");
  CHECK(edited("A\x01x", [](sdk::PutEdit& edit) { edit.erase_property(0, "B"); }) ==
        "T/0 A=x body");  // not even its end is added
}

TEST_CASE("many edits of one record come out in their order") {
  const std::string stored = edited("A\x01x\x02", [](sdk::PutEdit& edit) {
    for (int i = 0; i < 300; ++i) edit.set_property(0, "K" + std::to_string(i % 3), "v");
    edit.set_property(0, "BIG", std::string(10'000, 'b'));
    edit.erase_property(0, "BIG");
  });
  CHECK(stored == "T/0 A=x;K0=v;K1=v;K2=v; body");
}

TEST_CASE("a put is redirected as a whole, its records edited one by one") {
  Records records("T", {"A\x01x\x02", "", "B\x01y\x02"});
  const Texts stored = stored_after(
      [](sdk::PutEdit& edit) {
        edit.redirect("OTHER", 7);
        edit.set_property(1, "K", "v");
        edit.erase_property(2, "B");
        edit.replace_body(2, std::string_view("new"));
      },
      records);
  CHECK(stored == Texts{"OTHER/7 A=x; body", "OTHER/7 K=v; body", "OTHER/7  new"});
}

TEST_CASE("a body is replaced by a longer, a shorter or none, the last one counts") {
  CHECK(edited("", [](sdk::PutEdit& edit) {
          edit.replace_body(0, std::string(5'000, 'x'));
          edit.replace_body(0, std::string_view("short"));
        }) == "T/0  short");
  CHECK(edited("", [](sdk::PutEdit& edit) { edit.replace_body(0, uint64_t{0}); }) == "T/0  ");
  const std::string large(HookNode::body_bytes_max, 'x');
  CHECK(edited("", [&](sdk::PutEdit& edit) { edit.replace_body(0, large); }) == "T/0  " + large);
}

TEST_CASE("system flags are set but for the two that tell the kind of address") {
  HookNode node;
  hook_scripts["every"].before = [](const gantry_call&, const gantry_put&, sdk::PutEdit& edit) {
    edit.set_sys_flag(0, 0x4 | 0x10 | 0x20);
    return GANTRY_OK;
  };
  REQUIRE(node.start({"every"}).has_value());
  REQUIRE(node.append(Records("T").put) == GANTRY_OK);
  std::vector<commitlog::RecordView> views(1);
  commitlog::RecordRun run;
  REQUIRE_FALSE(node.log->next_records(LogOffset(0), {}, views, run));
  CHECK(views[0].sys_flag == 0x4);
}

TEST_CASE("what cannot be is refused, naming field and value, and changes nothing") {
  const std::string zero("z\0", 2);
  CHECK(refusal([](sdk::PutEdit& edit) { edit.redirect("", 0); }) == "topic: empty");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.redirect(std::string(256, 't'), 0); }) ==
        "topic: 256 bytes, at most 255");
  CHECK(refusal([&](sdk::PutEdit& edit) { edit.redirect(zero, 0); }) ==
        "topic: a byte 0x00 at 1");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.redirect("X", -1); }) == "queue_id: -1, at least 0");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.set_property(2, "K", "v"); }) ==
        "record: 2, the put has 2");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.erase_property(9, "K"); }) ==
        "record: 9, the put has 2");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.replace_body(2, uint64_t{1}); }) ==
        "record: 2, the put has 2");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.set_sys_flag(2, 0); }) ==
        "record: 2, the put has 2");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.set_property(0, "", "v"); }) == "key: empty");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.set_property(0, "K\x01", "v"); }) ==
        "key: a byte 0x01 at 1");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.erase_property(0, "KK\x02"); }) ==
        "key: a byte 0x02 at 2");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.set_property(0, "K", "v\x02"); }) ==
        "value: a byte 0x02 at 1");
  CHECK(refusal([&](sdk::PutEdit& edit) { edit.set_property(0, "K", zero); }) ==
        "value: a byte 0x00 at 1");
  CHECK(refusal([](sdk::PutEdit& edit) { edit.replace_body(0, HookNode::body_bytes_max + 1); }) ==
        "body: 100001 bytes, at most 100000");
}

TEST_CASE("properties may become as long as a record's can be, and no longer") {
  const std::string value(32767 - 4 - 3, 'v');  // beside A=x; and K=;
  CHECK(edited("A\x01x\x02", [&](sdk::PutEdit& edit) { edit.set_property(0, "K", value); }) ==
        "T/0 A=x;K=" + value + "; body");
  CHECK(refusal([&](sdk::PutEdit& edit) { edit.set_property(0, "K", value + "v"); }) ==
        "properties: 32768 bytes, at most 32767");
}

TEST_CASE("a hook sees what those before it edited, but not its own edits") {
  HookNode node;
  hook_scripts["one"].before = [](const gantry_call&, const gantry_put& put, sdk::PutEdit& edit) {
    const gantry_message& record = sdk::record(put, 0);
    const std::string_view value = sdk::view(record.property_text).substr(2, 1);
    edit.set_property(0, "FIRST", value);
    edit.set_property(0, "SECOND", value);  // a view of what was shown is still good
    edit.replace_body(0, std::string_view("new"));
    CHECK(sdk::view(record.property_text) == "A\x01x\x02");
    CHECK(sdk::view(record.body) == "body");
    return GANTRY_OK;
  };
  hook_scripts["two"].before = [](const gantry_call&, const gantry_put& put, sdk::PutEdit& edit) {
    const gantry_message& record = sdk::record(put, 0);
    CHECK(sdk::view(record.property_text) == "A\x01x\x02"
                                             "FIRST\x01x\x02SECOND\x01x\x02");
    CHECK(sdk::view(record.body) == "new");
    edit.erase_property(0, "A");
    CHECK(sdk::view(record.property_text).starts_with("A\x01"));
    return GANTRY_OK;
  };
  REQUIRE(node.start({"one = every", "two = every"}).has_value());
  REQUIRE(node.append(Records("T", {"A\x01x\x02"}).put) == GANTRY_OK);
  CHECK(node.stored() == Texts{"T/0 FIRST=x;SECOND=x; new"});
}

TEST_CASE("a property that a hook sets or erases decides whether the next ones are concerned") {
  HookNode node;
  std::string key = "DELAY";
  std::string value = "3";
  hook_scripts["first"].before = [&](const gantry_call&, const gantry_put&, sdk::PutEdit& edit) {
    edit.set_property(0, key, value);
    return GANTRY_OK;
  };
  REQUIRE(node.start({"first = every", "delay", "half"}).has_value());
  REQUIRE(node.append(Records("T").put) == GANTRY_OK);
  CHECK(hook_journal ==
        Texts{"first before", "delay before", "first appended", "delay appended"});
  hook_journal.clear();
  value.clear();
  REQUIRE(node.append(Records("T", {"DELAY\x01x\x02TRAN_MSG\x01true\x02"}).put) == GANTRY_OK);
  CHECK(hook_journal == Texts{"first before", "half before", "first appended", "half appended"});
}

TEST_CASE("a hook is not run again for what a later one sets") {
  HookNode node;
  hook_scripts["last"].before = [&](const gantry_call&, const gantry_put&, sdk::PutEdit& edit) {
    edit.set_property(0, "DELAY", "3");
    return GANTRY_OK;
  };
  REQUIRE(node.start({"delay", "last = every"}).has_value());
  REQUIRE(node.append(Records("T").put) == GANTRY_OK);
  CHECK(hook_journal == Texts{"last before", "last appended"});
}

TEST_CASE("an edited put lives in the call's arena") {
  HookNode node;
  TestCall call;
  const uint8_t* begin = call.arena.take(16);
  const uint8_t* seen = nullptr;
  hook_scripts["one"].before = [](const gantry_call&, const gantry_put&, sdk::PutEdit& edit) {
    edit.set_property(0, "K", "v");
    return GANTRY_OK;
  };
  hook_scripts["two"].before = [&](const gantry_call&, const gantry_put& put, sdk::PutEdit&) {
    seen = reinterpret_cast<const uint8_t*>(sdk::record(put, 0).property_text.data);
    return GANTRY_OK;
  };
  REQUIRE(node.start({"one = every", "two = every"}).has_value());
  REQUIRE(node.append(Records("T").put, &call.call) == GANTRY_OK);
  CHECK(seen > begin);
  CHECK(seen < begin + dispatch::Arena::block_bytes);
  CHECK(seen < call.arena.take(16));
}

TEST_CASE("an edit can take a put over what the log allows, and is refused there") {
  HookNode node;
  TestCall call;
  hook_scripts["every"].before = [](const gantry_call&, const gantry_put&, sdk::PutEdit& edit) {
    edit.set_sys_flag(0, 0x80);  // an inner batch tells its first number: more properties
    edit.set_property(0, "K", std::string(32'764, 'v'));
    return GANTRY_OK;
  };
  REQUIRE(node.start({"every"}).has_value());
  CHECK(node.append(Records("T").put, &call.call) == GANTRY_INVALID);
  CHECK(std::string(call.error.text).starts_with("properties: "));
  CHECK(hook_journal == Texts{"every before"});
}
