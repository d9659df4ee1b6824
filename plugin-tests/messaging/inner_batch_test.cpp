// Code 11 over queues of inner batches: one record with several messages, each with an offset of
// its own. A pull may stand anywhere in one.
#include <catch2/catch.hpp>

#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
namespace flag = gantry::protocol::message_flag;

namespace {

void make_topic(Rig& rig) {
  REQUIRE(rig.ask(310, send_v2("T", {{"e", "1"}}), "makes the topic").code == code::success);
}

void append(Rig& rig, int messages, const std::string& tag = {}) {
  std::string properties;
  fake::add_property(properties, "INNER_NUM", std::to_string(messages));
  rig.log.append_visible({.topic = "T",
                          .properties = properties,
                          .tag = tag,
                          .sys_flag = flag::inner_batch | flag::need_unwrap});
  rig.host.run_until_idle();
}

// Messages [0, 3), [3, 7) and [7, 12).
void fill(Rig& rig) {
  make_topic(rig);
  for (const int messages : {3, 4, 5}) append(rig, messages);
}

struct Got {
  int32_t code;
  std::vector<int64_t> bases;  // of the inner batches
  int64_t next;
  friend bool operator==(const Got&, const Got&) = default;
};
std::ostream& operator<<(std::ostream& out, const Got& got) {
  out << got.code << ", next " << got.next << ":";
  for (const int64_t base : got.bases) out << ' ' << base;
  return out;
}

Got got(const fake::Answer& answer) {
  Got out{answer.code, {}, std::stoll(answer.field("nextBeginOffset").value())};
  if (answer.body.empty()) return out;
  for (const auto& record : gantry::protocol::decode_records(answer.body).value())
    out.bases.push_back(record.queue_offset);
  return out;
}

Got ask(Rig& rig, int64_t offset, Overrides overrides = {}) {
  return got(rig.ask(11, pull("T", 0, offset, std::move(overrides))));
}

}  // namespace

TEST_CASE("a pull from inside an inner batch gives the whole of it and goes on behind it") {
  Rig rig;
  fill(rig);
  for (int64_t offset = 0; offset < 12; ++offset) {
    INFO(offset);
    const int64_t base = offset < 3 ? 0 : offset < 7 ? 3 : 7;
    const int64_t next = offset < 3 ? 3 : offset < 7 ? 7 : 12;
    CHECK(ask(rig, offset, {{"maxMsgNums", "1"}}) == Got{0, {base}, next});
  }
  CHECK(ask(rig, 5) == Got{0, {3, 7}, 12});
  CHECK(ask(rig, 12) == Got{19, {}, 12});
  CHECK(ask(rig, 13) == Got{21, {}, 12});
}

TEST_CASE("an inner batch counts as its messages, all of them, also one that is begun") {
  Rig rig;
  fill(rig);
  CHECK(ask(rig, 0, {{"maxMsgNums", "7"}}) == Got{0, {0, 3}, 7});
  CHECK(ask(rig, 0, {{"maxMsgNums", "6"}}) == Got{0, {0}, 3});
  CHECK(ask(rig, 2, {{"maxMsgNums", "7"}}) == Got{0, {0, 3}, 7});
  CHECK(ask(rig, 2, {{"maxMsgNums", "6"}}) == Got{0, {0}, 3});
}

TEST_CASE("a pull from inside an inner batch that is on the disk goes on in a worker") {
  Rig rig;
  fill(rig);
  rig.log.make_cold_below(rig.log.end());
  CHECK(ask(rig, 4) == Got{0, {3, 7}, 12});
  CHECK(ask(rig, 4, {{"subscription", "A"}}) == Got{20, {}, 12});
}

TEST_CASE("a subscription passes over inner batches whole") {
  Rig rig;
  make_topic(rig);
  for (const auto& [messages, tag] : {std::pair(3, "A"), {4, "B"}, {5, "A"}, {2, "B"}})
    append(rig, messages, tag);
  CHECK(ask(rig, 1, {{"subscription", "A"}}) == Got{0, {0, 7}, 14});
  CHECK(ask(rig, 1, {{"subscription", "B"}}) == Got{0, {3, 12}, 14});
  CHECK(ask(rig, 1, {{"subscription", "A"}, {"maxMsgNums", "3"}}) == Got{0, {0}, 7});
  CHECK(ask(rig, 8, {{"subscription", "C"}}) == Got{20, {}, 14});
}

TEST_CASE("a pull from inside an inner batch that the log gave up loses nothing behind it") {
  Rig rig;
  make_topic(rig);
  for (const int messages : {3, 1, 1}) append(rig, messages);
  rig.index.freeze("T", 0);
  rig.log.trim(rig.log.records(0, rig.log.end())[2].log_offset);
  std::vector<int64_t> bases;
  for (int64_t offset = 1; offset < 5;) {
    const Got answer = ask(rig, offset);
    CHECK((answer.code == 20 || answer.code == 0));
    CHECK(answer.next <= 5);
    bases.insert(bases.end(), answer.bases.begin(), answer.bases.end());
    REQUIRE(answer.next > offset);
    offset = answer.next;
  }
  CHECK(bases == std::vector<int64_t>{3, 4});
}

TEST_CASE("an inner batch wakes a held pull, and gets it whole") {
  Rig rig;
  fill(rig);
  const auto held = rig.send(11, held_pull("T", 0, 12, 15'000));
  REQUIRE_FALSE(held->answer.has_value());
  append(rig, 3);
  REQUIRE(held->answer.has_value());
  CHECK(got(*held->answer) == Got{0, {12}, 15});
}

TEST_CASE("inner batches that are not for a held pull are walked over once its time is up") {
  Rig rig;
  fill(rig);
  const std::string wanted = "A";
  auto fields = held_pull("T", 0, 12, 15'000);
  for (auto& [key, value] : fields)
    if (key == "subscription") value = wanted;
  const auto held = rig.send(11, fields);
  append(rig, 3, "B");
  append(rig, 3, "B");
  REQUIRE_FALSE(held->answer.has_value());
  rig.host.advance_ms(15'000);
  REQUIRE(held->answer.has_value());
  CHECK(got(*held->answer) == Got{20, {}, 18});
}
