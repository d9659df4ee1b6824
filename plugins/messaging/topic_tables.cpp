#include "topic_tables.hpp"

#include <algorithm>
#include <utility>

#include "paging.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "system_topics.hpp"
#include "worker.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

}  // namespace

gantry_status TopicTables::list(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  PageWanted wanted = read_page(in, "topicSeq", "maxTopicNum");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  return go_on_in_worker(
      services_, token, [this, token, wanted = std::move(wanted)](const gantry_call&) {
        const auto snapshot = catalog_.latest();
        std::vector<std::string> names;
        snapshot->topics.for_each([&](const Topic& topic) { names.push_back(topic.name); });
        protocol::TopicConfigTable table;
        table.data_version = snapshot->version;
        table.mapping_data_version.timestamp = snapshot->version.timestamp;
        for (std::string& name : page_of(std::move(names), wanted, snapshot->version)) {
          const Topic& topic = *snapshot->topics.find(name);
          table.topics.emplace(std::move(name), topic);
        }
        const NumberText total(static_cast<int64_t>(snapshot->topics.size()));
        return answer_body(services_, token, protocol::write_body(table),
                           {{sdk::str("totalTopicNum"), sdk::str(total.view())}});
      });
}

gantry_status TopicTables::one(const gantry_call& call, const gantry_request& request,
                               gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view name = in.text("topic");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  const Topic* topic = catalog_.on_shard(call).topics.find(name);
  if (!topic) {
    return refuse(services_, token, code::topic_not_exist,
                  "No topic in this broker. topic: " + std::string(name));
  }
  return answer_body(services_, token, protocol::write_body(*topic));
}

gantry_status TopicTables::system(gantry_token token) {
  protocol::TopicList list;
  for (const Topic& topic : system_topics(options_, node_)) list.topics.push_back(topic.name);
  std::sort(list.topics.begin(), list.topics.end());
  return answer_body(services_, token, protocol::write_body(list));
}

gantry_status TopicTables::bounds(const gantry_call& call, const gantry_request& request,
                                  gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view name = in.text("topic");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  const Topic* topic = catalog_.on_shard(call).topics.find(name);
  if (!topic) {
    return refuse(services_, token, code::topic_not_exist,
                  "topic[" + std::string(name) + "] not exist");
  }
  const int32_t count = std::max(topic->read_queues, topic->write_queues);
  return go_on_in_worker(
      services_, token, [this, token, name = std::string(name), count](const gantry_call& worker) {
        protocol::TopicStatsTable table;
        for (int32_t queue_id = 0; queue_id < count; ++queue_id) {
          gantry_queue_bounds bounds{};
          if (queues_.bounds(worker, name, queue_id, bounds) < 0) {
            return refuse(services_, token, code::system_error, "the queue index is not running");
          }
          table.queues[{name, node_.broker, queue_id}] = {
              bounds.min, bounds.max,
              stored_ms(worker, queues_, records_, name, queue_id, bounds.max - 1).value_or(0)};
        }
        return answer_body(services_, token,
                           protocol::write_body(table, protocol::JsonStyle::legacy));
      });
}

gantry_status TopicTables::remove(const gantry_call& call, const gantry_request& request,
                                  gantry_token token, uint32_t why) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view name = in.text("topic");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  if (name.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return refuse(services_, token, code::invalid_parameter, "The specified topic is blank.");
  }
  if (is_system_topic(name, node_)) {
    return refuse(services_, token, code::invalid_parameter,
                  "The topic[" + std::string(name) + "] is conflict with system topic.");
  }
  if (!catalog_.on_shard(call).topics.find(name)) return forget_offsets(name, token);
  if (why == GANTRY_TIMED_OUT) {
    return refuse(services_, token, code::system_busy,
                  "the metadata store is slow, try again later");
  }
  CatalogChange change;
  change.gone_topics.emplace_back(name);
  return catalog_.change(call, token, std::move(change));
}

// The topic is gone; where groups stood in it is of no use any more.
gantry_status TopicTables::forget_offsets(std::string_view topic, gantry_token token) {
  return go_on_in_worker(services_, token,
                         [this, token, topic = std::string(topic)](const gantry_call&) {
                           offsets_.erase([&](const QueueKey& key) { return key.topic == topic; });
                           offset_store_.flush();
                           return Reply(code::success).send(services_, token);
                         });
}

}  // namespace gantry::messaging
