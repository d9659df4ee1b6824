// Bodies and headers that real clients, brokers and nameservers put on the wire.
#include <algorithm>
#include <map>

#include "golden_data.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/pull_header.hpp"
#include "protocol/send_header.hpp"

namespace gantry::protocol::testing {
namespace {

namespace bj = boost::json;

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs fields_of(const WireFrame& frame) {
  Pairs fields;
  const auto* ext = frame.header.as_object().if_contains("extFields");
  if (!ext || !ext->is_object()) return fields;
  for (const auto& member : ext->as_object()) {
    fields.emplace_back(member.key(), member.value().is_string() ? text(member.value())
                                                                 : bj::serialize(member.value()));
  }
  return fields;
}

bool is_json(const WireFrame& frame) {
  return frame.kind.starts_with("json");
}

// Reads a body, writes it in its own style and reads that: equal; and from Java, the same members.
template <class Body>
void check_round_trip(const WireFrame& frame) {
  const auto body = read_body<Body>(frame.body);
  REQUIRE(body.has_value());
  const bool legacy = frame.kind != "json";
  const std::string written = write_body(*body, legacy ? JsonStyle::legacy : JsonStyle::standard);
  const auto again = read_body<Body>(written);
  REQUIRE(again.has_value());
  CHECK(*again == *body);
  if (!frame.file.starts_with("java") && !frame.file.starts_with("register")) return;
  // 4.9.8 lacks members that came later, and 200 is sent with a few members only.
  if (!frame.file.starts_with("java-4") && frame.code != 200) {
    CHECK(canonical_json(*read_json(written)) == canonical_json(*read_json(frame.body)));
  }
}

}  // namespace

TEST_CASE("every JSON body on the wire is read, standard or not") {
  std::map<std::string, int> count;
  each_frame([&](const WireFrame& frame) {
    if (!is_json(frame)) return;
    INFO(frame.file << " " << frame.code << " " << frame.body.substr(0, 300));
    const auto value = read_json(frame.body);
    REQUIRE(value.has_value());
    CHECK(value->is_object());
    // Nothing is lost: what is standard JSON says the same to Boost's parser.
    if (frame.kind == "json") CHECK(*value == bj::parse(frame.body));
    CHECK(read_json(write_json(*value, JsonStyle::legacy)).value() == *value);
    ++count[frame.kind];
  });
  if (!golden("wire")) return;
  CHECK(count["json"] > 200);
  CHECK(count["json, not standard"] > 40);
}

TEST_CASE("legacy bodies are written back to the bytes Java wrote") {
  int count = 0;
  each_frame([&](const WireFrame& frame) {
    if (frame.kind != "json, not standard") return;
    INFO(frame.file << " " << frame.code << " " << frame.body);
    CHECK(write_json(*read_json(frame.body), JsonStyle::legacy) == frame.body);
    ++count;
  });
  if (golden("wire")) CHECK(count > 40);
}

TEST_CASE("what a client asks about its subscription keeps its values") {
  int count = 0;
  each_frame([&](const WireFrame& frame) {
    if (!is_json(frame) || !frame.request || frame.code != request_code::check_client_config)
      return;
    INFO(frame.file << " " << frame.body);
    check_round_trip<CheckClientRequest>(frame);
    ++count;
  });
  if (golden("wire")) CHECK(count >= 5);
}

TEST_CASE("what brokers tell of groups keeps its values through reading and writing") {
  std::map<std::int64_t, int> count;
  each_frame([&](const WireFrame& frame) {
    if (!is_json(frame) || frame.request) return;
    INFO(frame.file << " " << frame.code << " " << frame.body.substr(0, 300));
    ++count[frame.code];
    switch (-frame.code) {
      case -request_code::get_topic_stats_info:
        check_round_trip<TopicStatsTable>(frame);
        break;
      case -request_code::get_consume_stats:
        check_round_trip<ConsumeStats>(frame);
        break;
      case -request_code::invoke_broker_to_reset_offset:
        check_round_trip<QueueOffsetTable>(frame);
        break;
      case -request_code::get_consumer_connection_list:
        check_round_trip<ConsumerConnection>(frame);
        break;
      case -request_code::get_producer_connection_list:
        check_round_trip<ProducerConnection>(frame);
        break;
      case -request_code::get_all_subscriptiongroup_config:
        check_round_trip<SubscriptionGroupTable>(frame);
        break;
      default:
        break;
    }
  });
  if (!golden("wire")) return;
  for (const int code : {201, 202, 203, 208, 222}) {
    INFO(code);
    CHECK(count[code] > 0);
  }
}

TEST_CASE("bodies of known kinds keep their values through reading and writing") {
  std::map<std::int64_t, int> count;
  each_frame([&](const WireFrame& frame) {
    if (!is_json(frame)) return;
    INFO(frame.file << " " << frame.code << " " << frame.body.substr(0, 300));
    ++count[frame.code];
    switch (frame.request ? frame.code : -frame.code) {
      case request_code::heart_beat:
        check_round_trip<HeartbeatData>(frame);
        break;
      case request_code::register_broker:
        check_round_trip<RegisterBrokerBody>(frame);
        break;
      case request_code::query_data_version:
        check_round_trip<DataVersion>(frame);
        break;
      case request_code::register_topic_in_namesrv:
        check_round_trip<TopicRouteData>(frame);
        break;
      case request_code::lock_batch_mq:
      case request_code::unlock_batch_mq:
        check_round_trip<LockBatchRequest>(frame);
        break;
      case -request_code::register_broker:
      case -request_code::get_kvlist_by_namespace:
      case -request_code::get_broker_runtime_info:
        check_round_trip<KvTable>(frame);
        break;
      case -request_code::get_routeinfo_by_topic:
        check_round_trip<TopicRouteData>(frame);
        break;
      case -request_code::get_broker_cluster_info:
        check_round_trip<ClusterInfo>(frame);
        break;
      case -request_code::get_broker_member_group:
        check_round_trip<BrokerMemberGroup>(frame);
        break;
      case -request_code::get_consumer_list_by_group:
        check_round_trip<ConsumerIdList>(frame);
        break;
      case -request_code::lock_batch_mq:
        check_round_trip<LockBatchAnswer>(frame);
        break;
      case -request_code::get_all_topic_config:
        check_round_trip<TopicConfigTable>(frame);
        break;
      case -request_code::get_topic_config:
        check_round_trip<TopicConfig>(frame);
        break;
      case -request_code::query_topic_consume_by_who:
        check_round_trip<GroupList>(frame);
        break;
      case -request_code::get_all_topic_list_from_nameserver:
      case -request_code::get_system_topic_list_from_ns:
        check_round_trip<TopicList>(frame);
        break;
      case request_code::update_and_create_subscriptiongroup:
      case -request_code::get_subscriptiongroup_config:
        check_round_trip<SubscriptionGroupConfig>(frame);
        break;
      default:
        break;
    }
  });
  if (!golden("wire")) return;
  for (const auto code : {34, 103, 105, 106, 38, 41, 42, 21, 351, 352, 901}) {
    INFO(code);
    CHECK(count[code] > 0);
  }
}

TEST_CASE("send headers of every client are read and written to the same fields") {
  std::map<std::int64_t, int> count;
  each_frame([&](const WireFrame& frame) {
    const bool send = frame.code == 10 || frame.code == 310 || frame.code == 320 ||
                      frame.code == 324 || frame.code == 325;
    if (!send || !frame.request || frame.file.starts_with("raw-")) return;
    const Pairs fields = fields_of(frame);
    INFO(frame.file << " " << frame.code << " " << bj::serialize(frame.header));
    const auto form = send_form_of(static_cast<std::int32_t>(frame.code));
    const auto header = read_send_header(fields, form);
    REQUIRE(header.has_value());
    CHECK_FALSE(header->topic.empty());
    const Fields written = write_send_header(*header, form);
    for (const auto& field : fields) {
      const bool ours = form == SendForm::v2 ? detail::send_slot_v2(field.first) >= 0
                                             : detail::send_slot_v1(field.first) >= 0;
      if (ours && !field.second.empty()) CHECK(std::ranges::count(written, field) == 1);
    }
    CHECK(read_send_header(written, form).value() == *header);
    ++count[frame.code];
  });
  if (!golden("wire")) return;
  for (const auto code : {10, 310, 320, 325}) CHECK(count[code] > 0);
}

TEST_CASE("answers to sends and pulls are read and written to the same fields") {
  int sends = 0;
  int pulls = 0;
  each_frame([&](const WireFrame& frame) {
    if (frame.request || frame.header.at("code").to_number<int>() != 0) return;
    const Pairs fields = fields_of(frame);
    INFO(frame.file << " " << frame.code << " " << bj::serialize(frame.header));
    if (frame.code == 310 || frame.code == 10 || frame.code == 320) {
      const auto answer = read_send_answer(fields);
      REQUIRE(answer.has_value());
      CHECK(std::ranges::is_permutation(write_send_answer(*answer), fields));
      ++sends;
    } else if (frame.code == 11 || frame.code == 361) {
      const auto answer = read_pull_answer(fields);
      REQUIRE(answer.has_value());
      CHECK(std::ranges::is_permutation(write_pull_answer(*answer), fields));
      ++pulls;
    }
  });
  if (!golden("wire")) return;
  CHECK(sends > 20);
  CHECK(pulls > 20);
}

TEST_CASE("pull headers of every client are read and written to the same fields") {
  int count = 0;
  each_frame([&](const WireFrame& frame) {
    if (!frame.request || frame.file.starts_with("raw-")) return;
    if (frame.code != 11 && frame.code != 361) return;
    INFO(frame.file << " " << bj::serialize(frame.header));
    const Pairs fields = fields_of(frame);
    const auto header = read_pull_header(fields);
    REQUIRE(header.has_value());
    CHECK(read_pull_header(write_pull_header(*header)).value() == *header);
    CHECK(header->messages_max > 0);
    ++count;
  });
  if (golden("wire")) CHECK(count > 20);
}

TEST_CASE("records and batches on the wire are read and written to the same bytes") {
  int records = 0;
  int batches = 0;
  each_frame([&](const WireFrame& frame) {
    INFO(frame.file << " " << frame.code);
    if (frame.kind == "records") {
      const auto views = decode_records(frame.body);
      REQUIRE(views.has_value());
      std::string all;
      for (const auto& view : *views) all += encode_record(view).value();
      CHECK(all == frame.body);
      ++records;
    } else if (frame.kind == "batch") {
      const auto items = decode_batch(frame.body);
      REQUIRE(items.has_value());
      std::string all;
      for (const auto& item : *items) REQUIRE(append_batch_item(all, item).has_value());
      CHECK(all == frame.body);
      ++batches;
    }
  });
  if (!golden("wire")) return;
  CHECK(records > 100);
  CHECK(batches > 5);
}

}  // namespace gantry::protocol::testing
