// What messaging offers other modules, asked through its tables.
#include <gantry/cap/clients.h>
#include <gantry/cap/groups.h>
#include <gantry/cap/offsets.h>
#include <gantry/cap/topics.h>

#include <catch2/catch.hpp>
#include <set>

#include "cpp/fake/completion.hpp"
#include "cpp/values.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
namespace sdk = gantry::sdk;

namespace {

// One table of the rig's messaging, called as another module would on a shard, or on a worker.
template <class Table>
class Offered {
 public:
  Offered(Rig& rig, const char* id)
      : rig_(rig), table_(&rig.messaging->table<Table>(id)), self_(rig.messaging->self()) {}

  template <class Call>
  gantry_status on_shard(Call call) {
    gantry_status status = GANTRY_OK;
    rig_.host.on_shard([&](const gantry_call& at) {
      status = call(*table_, self_, &at);
      text_ = at.error->text;
    });
    return status;
  }
  template <class Call>
  gantry_status on_worker(Call call) {
    gantry_status status = GANTRY_OK;
    rig_.host.on_worker([&](const gantry_call& at) { status = call(*table_, self_, &at); });
    return status;
  }
  const std::string& text() const { return text_; }

 private:
  Rig& rig_;
  const Table* table_;
  gantry_instance* self_;
  std::string text_;
};

gantry_topic wanted(int32_t queues, uint32_t perm = 6) {
  gantry_topic topic{};
  topic.struct_size = sizeof topic;
  topic.perm = perm;
  topic.read_queues = topic.write_queues = queues;
  return topic;
}

}  // namespace

TEST_CASE("a module finds topics, on a shard and on a worker, and sees them all") {
  Rig rig;
  REQUIRE(rig.ask(17, {{"topic", "T"},
                       {"readQueueNums", "3"},
                       {"writeQueueNums", "2"},
                       {"perm", "4"},
                       {"attributes", "+message.type=FIFO,+cleanup.policy=COMPACTION"}})
              .code == 0);
  Offered<gantry_topics> topics(rig, GANTRY_CAP_TOPICS);
  gantry_topic found{};
  const auto find = [&](std::string_view name) {
    return
        [&found, name](const gantry_topics& table, gantry_instance* self, const gantry_call* call) {
          return table.find(self, call, sdk::str(name), &found);
        };
  };
  CHECK(topics.on_shard(find("T")) == GANTRY_OK);
  CHECK(found.read_queues == 3);
  CHECK(found.write_queues == 2);
  CHECK(found.perm == 4);
  CHECK(found.kind == GANTRY_TOPIC_FIFO);
  CHECK(found.flags == GANTRY_TOPIC_COMPACTED);
  CHECK(topics.on_worker(find("TBW102")) == GANTRY_OK);
  CHECK(found.kind == GANTRY_TOPIC_UNSPECIFIED);
  CHECK(topics.on_shard(find("Nothing")) == GANTRY_GONE);
  std::set<std::string> names;
  const auto each = [](void* context, gantry_str name, const gantry_topic*) {
    static_cast<std::set<std::string>*>(context)->emplace(sdk::view(name));
    return GANTRY_OK;
  };
  CHECK(topics.on_worker(
            [&](const gantry_topics& table, gantry_instance* self, const gantry_call* call) {
              return table.each(self, call, each, &names);
            }) == GANTRY_OK);
  CHECK(names.contains("T"));
  CHECK(names.contains("TBW102"));
}

TEST_CASE("a topic's kind is its message.type, and its flags tell order and compaction") {
  Rig rig;
  Offered<gantry_topics> topics(rig, GANTRY_CAP_TOPICS);
  const auto [type, kind] = GENERATE(table<std::string, uint32_t>({{"NORMAL", GANTRY_TOPIC_NORMAL},
                                                                   {"FIFO", GANTRY_TOPIC_FIFO},
                                                                   {"DELAY", GANTRY_TOPIC_DELAY},
                                                                   {"TRANSACTION",
                                                                    GANTRY_TOPIC_TRANSACTION}}));
  REQUIRE(rig.ask(17, {{"topic", "T"},
                       {"readQueueNums", "1"},
                       {"writeQueueNums", "1"},
                       {"perm", "6"},
                       {"order", "true"},
                       {"topicSysFlag", "1"},
                       {"attributes", "+message.type=" + type}})
              .code == 0);
  gantry_topic found{};
  CHECK(topics.on_shard(
            [&](const gantry_topics& table, gantry_instance* self, const gantry_call* call) {
              return table.find(self, call, sdk::str("T"), &found);
            }) == GANTRY_OK);
  CHECK(found.kind == kind);
  CHECK(found.flags == GANTRY_TOPIC_ORDERED);
  CHECK(found.sys_flag == 1);
}

TEST_CASE("a topic a module asks for is there, durable, when it is told; one that was stays") {
  Rig rig({.shards = GENERATE(1u, 2u)});
  Offered<gantry_topics> topics(rig, GANTRY_CAP_TOPICS);
  const auto ensure = [&](std::string_view name, const gantry_topic& topic,
                          fake::Completion& done) {
    return topics.on_shard(
        [&](const gantry_topics& table, gantry_instance* self, const gantry_call* call) {
          return table.ensure(self, call, sdk::str(name), &topic, done.get());
        });
  };
  fake::Completion first, second, third;
  rig.metadata.hold();
  CHECK(ensure("rmq_sys_made", wanted(3), first) == GANTRY_OK);
  CHECK(ensure("rmq_sys_made", wanted(5), second) == GANTRY_OK);
  rig.host.run_until_idle();
  CHECK_FALSE(first.called());
  rig.metadata.release();
  rig.host.run_until_idle();
  REQUIRE(first.called());
  REQUIRE(second.called());
  CHECK(first.status() == GANTRY_OK);
  CHECK(second.status() == GANTRY_OK);
  CHECK(rig.metadata.get("topics", "rmq_sys_made").has_value());
  CHECK_THAT(rig.ask(351, {{"topic", "rmq_sys_made"}}).body,
             Catch::Contains(R"("readQueueNums":3)"));
  const int writes = rig.metadata.writes();
  CHECK(ensure("rmq_sys_made", wanted(5), third) == GANTRY_OK);
  rig.host.run_until_idle();
  CHECK(third.status() == GANTRY_OK);
  CHECK(rig.metadata.writes() == writes);

  fake::Completion failed, refused;
  rig.metadata.fail_next_write("disk full");
  CHECK(ensure("Unstored", wanted(1), failed) == GANTRY_OK);
  rig.host.run_until_idle();
  CHECK(failed.status() == GANTRY_FAULT);
  CHECK(rig.ask(351, {{"topic", "Unstored"}}).code == code::topic_not_exist);
  CHECK(ensure("a.b", wanted(1), refused) == GANTRY_INVALID);
  CHECK_THAT(topics.text(), Catch::Contains("a.b"));
  CHECK(ensure("Many", wanted(99'999), refused) == GANTRY_INVALID);
  CHECK_THAT(topics.text(), Catch::Contains("read_queues: 99999"));
  CHECK(ensure("Odd", wanted(1, 16), refused) == GANTRY_INVALID);
  CHECK_FALSE(refused.called());
}

TEST_CASE("a module finds groups and has them made, where groups make themselves") {
  const bool automatic = GENERATE(true, false);
  Rig rig({.settings = {{"auto_create_groups", automatic}}});
  REQUIRE(rig.ask(200, {}, R"({"groupName":"G","retryMaxTimes":3,"consumeBroadcastEnable":false})")
              .code == 0);
  Offered<gantry_groups> groups(rig, GANTRY_CAP_GROUPS);
  gantry_group found{};
  const auto find = [&](std::string_view name) {
    return groups.on_shard(
        [&](const gantry_groups& table, gantry_instance* self, const gantry_call* call) {
          return table.find(self, call, sdk::str(name), &found);
        });
  };
  CHECK(find("G") == GANTRY_OK);
  CHECK(found.retries_max == 3);
  CHECK(found.retry_queues == 1);
  CHECK(found.flags ==
        (GANTRY_GROUP_CONSUMES | GANTRY_GROUP_FROM_MIN | GANTRY_GROUP_HEARS_MEMBERS));
  CHECK(find("New") == GANTRY_GONE);
  fake::Completion done;
  const auto ensure = [&](std::string_view name) {
    return groups.on_shard(
        [&](const gantry_groups& table, gantry_instance* self, const gantry_call* call) {
          return table.ensure(self, call, sdk::str(name), done.get());
        });
  };
  CHECK(ensure("a.b") == GANTRY_INVALID);
  if (automatic) {
    CHECK(ensure("New") == GANTRY_OK);
    rig.host.run_until_idle();
    CHECK(done.status() == GANTRY_OK);
    CHECK(find("New") == GANTRY_OK);
  } else {
    CHECK(ensure("New") == GANTRY_REFUSED);
    CHECK_THAT(groups.text(), Catch::Contains("New"));
  }
}

TEST_CASE("a module reads and commits offsets, back or only forward, not against a reset") {
  Rig rig;
  REQUIRE(rig.ask(310, send_v2("T"), "x").code == 0);
  REQUIRE(rig.ask(200, {}, R"({"groupName":"G"})").code == 0);
  Offered<gantry_offsets> offsets(rig, GANTRY_CAP_OFFSETS);
  const auto get = [&] {
    int64_t offset = 0;
    offsets.on_shard(
        [&](const gantry_offsets& table, gantry_instance* self, const gantry_call* call) {
          return table.get(self, call, sdk::str("G"), sdk::str("T"), 0, &offset);
        });
    return offset;
  };
  const auto commit = [&](int64_t offset, uint32_t how, int32_t queue_id = 0) {
    return offsets.on_shard(
        [&](const gantry_offsets& table, gantry_instance* self, const gantry_call* call) {
          return table.commit(self, call, sdk::str("G"), sdk::str("T"), queue_id, how, offset);
        });
  };
  CHECK(get() == -1);
  CHECK(commit(0, GANTRY_COMMIT_FORWARD) == GANTRY_OK);
  CHECK(get() == 0);
  CHECK(commit(5, GANTRY_COMMIT_FORWARD) == GANTRY_OK);
  CHECK(commit(3, GANTRY_COMMIT_FORWARD) == GANTRY_OK);
  CHECK(get() == 5);
  CHECK(commit(3, GANTRY_COMMIT_SET) == GANTRY_OK);
  CHECK(get() == 3);
  CHECK(commit(-1, GANTRY_COMMIT_SET) == GANTRY_INVALID);
  CHECK(commit(1, 2) == GANTRY_INVALID);
  CHECK(commit(1, GANTRY_COMMIT_SET, -1) == GANTRY_INVALID);
  CHECK_THAT(offsets.text(), Catch::Contains("queue_id: -1"));
  rig.ask(222, {{"group", "G"}, {"topic", "T"}, {"timestamp", "0"}, {"isForce", "true"}});
  CHECK(commit(4, GANTRY_COMMIT_SET) == GANTRY_OK);
  CHECK(get() == 0);
}

TEST_CASE("a module finds the sessions of a group, and a client by its id") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "a"}), 4);
  rig.ask(34, {}, heartbeat({.client = "b"}), 5);
  Offered<gantry_clients> clients(rig, GANTRY_CAP_CLIENTS);
  gantry_session out[1] = {0};
  uint32_t count = 0;
  const auto sessions = [&](uint32_t role, std::string_view group) {
    return clients.on_shard(
        [&](const gantry_clients& table, gantry_instance* self, const gantry_call* call) {
          return table.sessions(self, call, role, sdk::str(group), out, 1, &count);
        });
  };
  CHECK(sessions(GANTRY_CLIENT_CONSUMER, "G") == GANTRY_OK);
  CHECK(count == 2);  // of which there was room for one
  CHECK(out[0] == 4);
  CHECK(sessions(GANTRY_CLIENT_PRODUCER, "PID") == GANTRY_OK);
  CHECK(count == 2);
  CHECK(sessions(GANTRY_CLIENT_PRODUCER, "Nobody") == GANTRY_OK);
  CHECK(count == 0);
  CHECK(sessions(7, "G") == GANTRY_INVALID);
  const auto find = [&](uint32_t role, std::string_view group, std::string_view id) {
    gantry_session found = 0;
    clients.on_shard(
        [&](const gantry_clients& table, gantry_instance* self, const gantry_call* call) {
          return table.find(self, call, role, sdk::str(group), sdk::str(id), &found);
        });
    return found;
  };
  CHECK(find(GANTRY_CLIENT_CONSUMER, "G", "b") == 5);
  CHECK(find(GANTRY_CLIENT_PRODUCER, "", "a") == 4);
  CHECK(find(GANTRY_CLIENT_PRODUCER, "PID", "b") == 5);
  CHECK(find(GANTRY_CLIENT_CONSUMER, "Other", "b") == 0);
  rig.host.close_session(5);
  rig.host.run_until_idle();
  CHECK(find(GANTRY_CLIENT_PRODUCER, "", "b") == 0);
}

TEST_CASE("a client's newest session is the one that came last, whatever its number or heartbeats") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "b"}), 6);
  rig.ask(34, {}, heartbeat({.client = "b"}), 5);  // came again, on a shard with lower numbers
  rig.ask(34, {}, heartbeat({.client = "b"}), 6);  // the old one still tells of itself
  Offered<gantry_clients> clients(rig, GANTRY_CAP_CLIENTS);
  const auto find = [&](uint32_t role, std::string_view group) {
    gantry_session found = 0;
    clients.on_shard(
        [&](const gantry_clients& table, gantry_instance* self, const gantry_call* call) {
          return table.find(self, call, role, sdk::str(group), sdk::str("b"), &found);
        });
    return found;
  };
  CHECK(find(GANTRY_CLIENT_CONSUMER, "G") == 5);
  CHECK(find(GANTRY_CLIENT_PRODUCER, "PID") == 5);
  CHECK(find(GANTRY_CLIENT_PRODUCER, "") == 5);
  rig.ask(34, {}, heartbeat({.client = "b"}), 7);
  CHECK(find(GANTRY_CLIENT_CONSUMER, "G") == 7);
  rig.host.close_session(7);
  rig.host.close_session(5);
  rig.host.run_until_idle();
  CHECK(find(GANTRY_CLIENT_CONSUMER, "G") == 6);
  CHECK(find(GANTRY_CLIENT_PRODUCER, "PID") == 6);
}
