// topics.h, groups.h, offsets.h and clients.h, of whoever serves producers and consumers.
#include <gantry/cap/clients.h>
#include <gantry/cap/groups.h>
#include <gantry/cap/offsets.h>
#include <gantry/cap/topics.h>

#include <set>

#include "probe.hpp"

namespace gantry::contract {
namespace {

using sdk::str;
using sdk::view;

// body(table, self) by one lease; its status.
template <class Table, class F>
gantry_status ask(Run& run, const gantry_call& call, gantry_binding* binding, F&& body) {
  sdk::Lease<Table> lease(run.probe.capabilities, binding, &call);
  run.expect(static_cast<bool>(lease), "enter");
  return lease ? lease.end(body(*lease.operator->(), lease.self())) : GANTRY_GONE;
}

bool says(const gantry_call& call, std::string_view text) {
  return std::string_view(call.error->text).find(text) != std::string_view::npos;
}

gantry_topic wanted(int32_t queues) {
  gantry_topic topic{};
  topic.struct_size = sizeof topic;
  topic.perm = 6;
  topic.read_queues = topic.write_queues = queues;
  return topic;
}

gantry_status find_topic(Run& run, const gantry_call& call, const std::string& name,
                         gantry_topic& out) {
  out.struct_size = sizeof out;
  return ask<gantry_topics>(run, call, run.probe.topics,
                            [&](const gantry_topics& table, gantry_instance* self) {
                              return table.find(self, &call, str(name), &out);
                            });
}

gantry_status ensure_topic(Run& run, const gantry_call& call, const std::string& name,
                           const gantry_topic& topic, gantry_completion then) {
  return ask<gantry_topics>(run, call, run.probe.topics,
                            [&](const gantry_topics& table, gantry_instance* self) {
                              return table.ensure(self, &call, str(name), &topic, then);
                            });
}

// What each() tells, at most `most` names before it is ended with GONE.
gantry_status each_topic(Run& run, const gantry_call& call, size_t most,
                         std::multiset<std::string>& names) {
  struct Seen {
    std::multiset<std::string>& names;
    size_t most;
  } seen{names, most};
  const auto each = [](void* context, gantry_str name, const gantry_topic*) {
    auto& [names, most] = *static_cast<Seen*>(context);
    names.emplace(view(name));
    return names.size() < most ? GANTRY_OK : gantry_status{GANTRY_GONE};
  };
  return ask<gantry_topics>(run, call, run.probe.topics,
                            [&](const gantry_topics& table, gantry_instance* self) {
                              return table.each(self, &call, each, &seen);
                            });
}

void expect_topic(Run& run, const gantry_call& call, const std::string& name, int32_t queues) {
  gantry_topic found{};
  run.expect_status(find_topic(run, call, name, found), GANTRY_OK, "find of the topic made");
  run.expect(found.read_queues == queues && found.write_queues == queues && found.perm == 6 &&
                 found.kind == GANTRY_TOPIC_UNSPECIFIED && found.flags == 0,
             "the topic is as it was asked for first");
}

void check_each(Run& run, const gantry_call& call, const std::string& name) {
  std::multiset<std::string> all, one;
  run.expect_status(each_topic(run, call, SIZE_MAX, all), GANTRY_OK, "each");
  run.expect(all.count(name) == 1, "each tells of the topic once");
  run.expect_status(each_topic(run, call, 1, one), GANTRY_GONE, "each that was ended");
  run.expect(one.size() == 1, "each ends when it is told to");
  expect_topic(run, call, name, 3);
}

void a_topic_is_made_once_and_every_find_tells_of_it(Run& run, const gantry_call& call) {
  const std::string name = run.probe.fresh_topic(call);
  const uint32_t shard = call.shard;
  gantry_topic found = wanted(77);
  run.expect_status(find_topic(run, call, name, found), GANTRY_GONE, "find of no topic");
  run.expect(found.read_queues == 77, "what was not found is as it was");
  const auto in_the_end = [&run, name](const gantry_call& worker, gantry_status, const void*) {
    check_each(run, worker, name);
    run.finish();
  };
  const auto again = [&run, name, in_the_end](const gantry_call& at, gantry_status status,
                                              const void* result) {
    run.expect_status(status, GANTRY_OK, "the second completion");
    run.expect(!result, "it has no result");
    expect_topic(run, at, name, 3);
    run.probe.timer.work(run.probe.host(), run.on(in_the_end));
  };
  const auto made = [&run, name, shard, again](const gantry_call& at, gantry_status status,
                                               const void* result) {
    run.expect_status(status, GANTRY_OK, "the first completion");
    run.expect(!result && at.shard == shard, "it comes without a result, where it was asked for");
    expect_topic(run, at, name, 3);
    run.expect_status(ensure_topic(run, at, name, wanted(5), run.on(again)), GANTRY_OK,
                      "ensure of a topic that is there");
  };
  run.expect_status(ensure_topic(run, call, name, wanted(3), run.on(made)), GANTRY_OK, "ensure");
}

void a_topic_that_may_not_be_is_invalid(Run& run, const gantry_call& call) {
  const auto never = [&run](const gantry_call&, gantry_status, const void*) {
    run.expect(false, "what was refused was completed");
  };
  const std::string name = run.probe.fresh_topic(call);
  const auto refused = [&](const std::string& topic, const gantry_topic& as, const char* text) {
    run.expect_status(ensure_topic(run, call, topic, as, run.on(never)), GANTRY_INVALID, text);
    run.expect(says(call, text), std::string("the text has ") + text + ": " + call.error->text);
  };
  refused("a.b", wanted(1), "a.b");
  refused(name, wanted(-1), "read_queues");
  gantry_topic odd = wanted(1);
  odd.perm = 16;
  refused(name, odd, "perm");
  odd = wanted(1);
  odd.sys_flag = -1;
  refused(name, odd, "sys_flag");
  gantry_topic found{};
  run.expect_status(find_topic(run, call, name, found), GANTRY_GONE, "find of what was refused");
  run.finish();
}

gantry_status find_group(Run& run, const gantry_call& call, const std::string& name,
                         gantry_group& out) {
  out.struct_size = sizeof out;
  return ask<gantry_groups>(run, call, run.probe.groups,
                            [&](const gantry_groups& table, gantry_instance* self) {
                              return table.find(self, &call, str(name), &out);
                            });
}

gantry_status ensure_group(Run& run, const gantry_call& call, const std::string& name,
                           gantry_completion then) {
  return ask<gantry_groups>(run, call, run.probe.groups,
                            [&](const gantry_groups& table, gantry_instance* self) {
                              return table.ensure(self, &call, str(name), then);
                            });
}

void a_group_is_made_with_rocketmqs_defaults(Run& run, const gantry_call& call) {
  const std::string name = run.probe.fresh_topic(call);
  const uint32_t shard = call.shard;
  gantry_group found{};
  found.retries_max = 77;
  run.expect_status(find_group(run, call, name, found), GANTRY_GONE, "find of no group");
  run.expect(found.retries_max == 77, "what was not found is as it was");
  const auto made = [&run, name, shard](const gantry_call& at, gantry_status status, const void*) {
    run.expect_status(status, GANTRY_OK, "the completion");
    run.expect(at.shard == shard, "it comes where it was asked for");
    gantry_group group{};
    run.expect_status(find_group(run, at, name, group), GANTRY_OK, "find of the group made");
    run.expect(group.flags == (GANTRY_GROUP_CONSUMES | GANTRY_GROUP_BROADCASTS |
                               GANTRY_GROUP_FROM_MIN | GANTRY_GROUP_HEARS_MEMBERS),
               "its flags");
    run.expect(group.retry_queues == 1 && group.retries_max == 16 && group.sys_flag == 0 &&
                   group.consume_timeout_minutes == 15,
               "its numbers");
    run.finish();
  };
  run.expect_status(ensure_group(run, call, "a.b", run.on(made)), GANTRY_INVALID,
                    "ensure of a name that may not be");
  run.expect(says(call, "a.b"), "the text has the name");
  run.expect_status(ensure_group(run, call, name, run.on(made)), GANTRY_OK, "ensure");
}

void offsets_go_back_when_set_and_forward_otherwise(Run& run, const gantry_call& call) {
  const std::string name = run.probe.fresh_topic(call);  // of the group and the topic
  const auto at = [&](int32_t queue_id, int64_t& out) {
    return ask<gantry_offsets>(run, call, run.probe.offsets,
                               [&](const gantry_offsets& table, gantry_instance* self) {
                                 return table.get(self, &call, str(name), str(name), queue_id, &out);
                               });
  };
  const auto commit = [&](int32_t queue_id, uint32_t how, int64_t offset) {
    return ask<gantry_offsets>(run, call, run.probe.offsets,
                               [&](const gantry_offsets& table, gantry_instance* self) {
                                 return table.commit(self, &call, str(name), str(name), queue_id,
                                                     how, offset);
                               });
  };
  const auto expect_after = [&](uint32_t how, int64_t offset, int64_t then) {
    run.expect_status(commit(0, how, offset), GANTRY_OK, "commit");
    int64_t found = 0;
    run.expect_status(at(0, found), GANTRY_OK, "get");
    run.expect(found == then, "after a commit of " + std::to_string(offset) + " get gave " +
                                  std::to_string(found) + ", expected " + std::to_string(then));
  };
  int64_t found = 77;
  run.expect_status(at(0, found), GANTRY_GONE, "get of what nobody committed");
  run.expect(found == -1, "it is then -1");
  expect_after(GANTRY_COMMIT_FORWARD, 0, 0);
  expect_after(GANTRY_COMMIT_FORWARD, 5, 5);
  expect_after(GANTRY_COMMIT_FORWARD, 3, 5);
  expect_after(GANTRY_COMMIT_SET, 3, 3);
  run.expect_status(at(1, found), GANTRY_GONE, "get of another queue");
  run.expect_status(commit(0, GANTRY_COMMIT_SET, -1), GANTRY_INVALID, "commit below 0");
  run.expect(says(call, "offset: -1"), "the text has the offset");
  run.expect_status(commit(-1, GANTRY_COMMIT_SET, 1), GANTRY_INVALID, "commit to a queue below 0");
  run.expect(says(call, "queue_id: -1"), "the text has the queue");
  run.expect_status(commit(0, 2, 1), GANTRY_INVALID, "commit in an unknown way");
  run.finish();
}

void nobody_is_connected_of_an_unknown_group(Run& run, const gantry_call& call) {
  const std::string name = run.probe.fresh_topic(call);
  gantry_session sessions[2] = {7, 7};
  const auto count_of = [&](uint32_t role, uint32_t& count) {
    return ask<gantry_clients>(run, call, run.probe.clients,
                               [&](const gantry_clients& table, gantry_instance* self) {
                                 return table.sessions(self, &call, role, str(name), sessions, 2,
                                                       &count);
                               });
  };
  const auto find = [&](uint32_t role, gantry_session& out) {
    return ask<gantry_clients>(run, call, run.probe.clients,
                               [&](const gantry_clients& table, gantry_instance* self) {
                                 return table.find(self, &call, role, str(name), str(name), &out);
                               });
  };
  for (const uint32_t role : {GANTRY_CLIENT_CONSUMER, GANTRY_CLIENT_PRODUCER}) {
    uint32_t count = 77;
    run.expect_status(count_of(role, count), GANTRY_OK, "sessions");
    run.expect(count == 0 && sessions[0] == 7, "there is none, and none was written");
    gantry_session found = 0;
    run.expect_status(find(role, found), GANTRY_GONE, "find of nobody");
  }
  uint32_t count = 0;
  gantry_session found = 0;
  run.expect_status(count_of(7, count), GANTRY_INVALID, "sessions of an unknown role");
  run.expect(says(call, "role: 7"), "the text has the role");
  run.expect_status(find(7, found), GANTRY_INVALID, "find of an unknown role");
  run.finish();
}

}  // namespace

void add_messaging_cases(std::map<std::string_view, Case>& cases) {
  cases["a_topic_is_made_once_and_every_find_tells_of_it"] =
      a_topic_is_made_once_and_every_find_tells_of_it;
  cases["a_topic_that_may_not_be_is_invalid"] = a_topic_that_may_not_be_is_invalid;
  cases["a_group_is_made_with_rocketmqs_defaults"] = a_group_is_made_with_rocketmqs_defaults;
  cases["offsets_go_back_when_set_and_forward_otherwise"] =
      offsets_go_back_when_set_and_forward_otherwise;
  cases["nobody_is_connected_of_an_unknown_group"] = nobody_is_connected_of_an_unknown_group;
}

}  // namespace gantry::contract
