// filter_tag as others see it: through gantry.filter, in the fake host.
#include <catch2/catch.hpp>

#include "cpp/fake/host.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"
#include "protocol/ids.hpp"

namespace fake = gantry::sdk::fake;
using gantry::protocol::tag_code;
using gantry::sdk::str;
using Verdicts = std::vector<int>;

namespace {

struct Rig {
  explicit Rig(const fake::Settings& settings = {})
      : instance(host.load(gantry_plugin_v1, "filter_tag", settings)) {
    host.start();
    table = &instance.table<gantry_filter>(GANTRY_CAP_FILTER, "TAG");
  }

  gantry_status compile(std::string_view expression) {
    gantry_status status = GANTRY_FAULT;
    release();
    compiled.struct_size = sizeof compiled;
    host.on_worker([&](const gantry_call& call) {
      status = table->compile(instance.self(), &call, str(expression), &compiled);
      error = call.error->text;
    });
    return status;
  }
  void release() {
    if (compiled.program) table->release(compiled.program);
    compiled = {};
  }
  Verdicts entries(const std::vector<int64_t>& codes) {
    std::vector<gantry_index_entry> entries;
    for (const int64_t code : codes) entries.push_back({0, code, 1, 0});
    std::vector<uint8_t> verdicts(codes.size(), 99);
    host.on_shard([&](const gantry_call& call) {
      REQUIRE(table->match_index(compiled.program, &call, entries.data(),
                                 static_cast<uint32_t>(entries.size()),
                                 verdicts.data()) == GANTRY_OK);
    });
    return {verdicts.begin(), verdicts.end()};
  }
  Verdicts messages(const std::vector<std::string>& texts) {
    std::vector<gantry_message> messages(texts.size());
    for (size_t i = 0; i < texts.size(); ++i) {
      messages[i].struct_size = sizeof messages[i];
      messages[i].property_text = str(texts[i]);
    }
    return judge(messages);
  }
  Verdicts judge(const std::vector<gantry_message>& messages) {
    const gantry_batch batch{sizeof batch, sizeof(gantry_message),
                             static_cast<uint32_t>(messages.size()), 0, messages.data()};
    std::vector<uint8_t> verdicts(messages.size(), 99);
    host.on_shard([&](const gantry_call& call) {
      REQUIRE(table->match(compiled.program, &call, &batch, verdicts.data()) == GANTRY_OK);
    });
    return {verdicts.begin(), verdicts.end()};
  }

  fake::Host host;
  fake::Instance& instance;
  const gantry_filter* table;
  gantry_compiled compiled{};
  std::string error;
};

std::string tagged(std::string_view tag) {
  std::string text;
  fake::add_property(text, "KEYS", "k");
  fake::add_property(text, "TAGS", std::string(tag));
  return text;
}

constexpr int skip = GANTRY_VERDICT_SKIP, deliver = GANTRY_VERDICT_DELIVER,
              look = GANTRY_VERDICT_LOOK;

}  // namespace

TEST_CASE("everything is delivered by a look at the index alone") {
  Rig rig;
  for (const char* expression : {"*", ""}) {
    REQUIRE(rig.compile(expression) == GANTRY_OK);
    CHECK(rig.entries({0, 65, int64_t{1} << 40}) == Verdicts{deliver, deliver, deliver});
    CHECK(rig.messages({"", tagged("A")}) == Verdicts{deliver, deliver});
  }
  rig.release();
}

TEST_CASE("entries of other hashes are skipped, those of a tag's hash are looked at") {
  Rig rig;
  REQUIRE(rig.compile("TagA || TagB || \xe8\xae\xa2") == GANTRY_OK);
  CHECK(rig.entries({tag_code("TagA"), tag_code("TagB"), tag_code("\xe8\xae\xa2"),
                     tag_code("TagC"), 0, -1}) == Verdicts{look, look, look, skip, skip, skip});
  rig.release();
}

TEST_CASE("two tags of one hash are told apart by their text") {
  Rig rig;
  REQUIRE(tag_code("Aa") == tag_code("BB"));
  REQUIRE(rig.compile("Aa") == GANTRY_OK);
  CHECK(rig.entries({tag_code("BB")}) == Verdicts{look});
  CHECK(rig.messages({tagged("Aa"), tagged("BB"), tagged("A"), "", "KEYS\x01" "Aa\x02"}) ==
        Verdicts{deliver, skip, skip, skip, skip});
  rig.release();
}

TEST_CASE("a code that is no hash is looked at") {
  Rig rig;
  REQUIRE(rig.compile("A") == GANTRY_OK);
  // A due time of SCHEDULE_TOPIC_XXXX, whose low half is the hash of no tag, or of this one.
  CHECK(rig.entries({1'700'000'000'000, (int64_t{1} << 32) + 65, INT64_MIN}) ==
        Verdicts{look, look, look});
  rig.release();
}

TEST_CASE("properties that come parsed are read as they are") {
  Rig rig;
  REQUIRE(rig.compile("A") == GANTRY_OK);
  const gantry_property given[] = {{str("TAGS"), str("B")}, {str("TAGS"), str("A")}};
  gantry_message message{};
  message.struct_size = sizeof message;
  message.flags = GANTRY_MSG_PARSED;
  message.properties = given;
  message.property_count = 2;
  CHECK(rig.judge({message}) == Verdicts{deliver});  // of namesakes the last one counts
  message.property_count = 1;
  CHECK(rig.judge({message}) == Verdicts{skip});
  rig.release();
}

TEST_CASE("a subscription of blanks matches nothing") {
  Rig rig;
  REQUIRE(rig.compile(" ") == GANTRY_OK);
  CHECK(rig.entries({0, 32, 65}) == Verdicts{skip, skip, skip});
  CHECK(rig.messages({"", tagged("A")}) == Verdicts{skip, skip});
  rig.release();
}

TEST_CASE("hundreds of tags are all found, and nothing else is") {
  Rig rig;
  std::string expression;
  for (int i = 0; i < 700; ++i) expression += (i ? "||" : "") + ("tag" + std::to_string(i));
  REQUIRE(rig.compile(expression) == GANTRY_OK);
  for (int i = 0; i < 1400; ++i) {
    const std::string tag = "tag" + std::to_string(i);
    const int wanted = i < 700 ? deliver : skip;
    CHECK(rig.messages({tagged(tag)}) == Verdicts{wanted});
    if (i < 700) CHECK(rig.entries({tag_code(tag)}) == Verdicts{look});
  }
  CHECK(rig.entries({0, 1, -1, INT32_MIN, INT32_MAX}) == Verdicts(5, skip));
  rig.release();
}

TEST_CASE("a wrong expression says what and where, and leaves nothing behind") {
  Rig rig({{"tags_max", 2}});
  CHECK(rig.compile("||") == GANTRY_INVALID);
  CHECK(rig.error == "line 1, column 1: a tag is expected, not only ||");
  CHECK(rig.compiled.program == nullptr);
  CHECK(rig.compile("a||\n b||c") == GANTRY_INVALID);
  CHECK(rig.error == "line 2, column 5: more than 2 tags");
  CHECK(rig.compiled.line == 2);
  CHECK(rig.compiled.column == 5);
}

TEST_CASE("the module drains when its last program is released") {
  Rig rig;
  REQUIRE(rig.compile("A") == GANTRY_OK);
  const gantry_module& module = *gantry_plugin_v1.modules[0];
  gantry_error error{};
  error.struct_size = sizeof error;
  CHECK(module.drain(rig.instance.self(), 7, &error) == GANTRY_PENDING);
  rig.release();
  CHECK(rig.host.late_answers() == 1);  // the completion of token 7, which this test made up
  rig.host.kill();
}
