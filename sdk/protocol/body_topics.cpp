#include "protocol/body_topics.hpp"

#include "protocol/body_members.hpp"
#include "protocol/json.hpp"

namespace gantry::protocol {
namespace bj = boost::json;
namespace {

constexpr std::string_view filter_type_names[] = {"SINGLE_TAG", "MULTI_TAG"};

}  // namespace

std::string_view topic_filter_type_name(TopicFilterType type) {
  return filter_type_names[static_cast<std::size_t>(type)];
}

bj::value DataVersion::to_json() const {
  return bj::object{
      {"counter", counter}, {"stateVersion", state_version}, {"timestamp", timestamp}};
}

Result<DataVersion> DataVersion::from_json(const bj::value& json) {
  Members in(json, "data version");
  DataVersion version;
  in.read("stateVersion", version.state_version);
  in.read("timestamp", version.timestamp);
  in.read("counter", version.counter);
  if (!in.ok()) return in.error();
  return version;
}

bj::value TopicConfig::to_json() const {
  return bj::object{{"attributes", json_texts(attributes)},
                    {"order", order},
                    {"perm", perm},
                    {"readQueueNums", read_queues},
                    {"topicFilterType", bj::string_view(topic_filter_type_name(filter_type))},
                    {"topicName", name},
                    {"topicSysFlag", topic_sys_flag},
                    {"writeQueueNums", write_queues}};
}

Result<TopicConfig> TopicConfig::from_json(const bj::value& json) {
  Members in(json, "topic config");
  TopicConfig config;
  in.read("topicName", config.name);
  in.read("readQueueNums", config.read_queues);
  in.read("writeQueueNums", config.write_queues);
  in.read("perm", config.perm);
  in.read_enum("topicFilterType", filter_type_names, config.filter_type);
  in.read("topicSysFlag", config.topic_sys_flag);
  in.read("order", config.order);
  in.read("attributes", config.attributes);
  if (!in.ok()) return in.error();
  return config;
}

bj::value TopicConfigTable::to_json() const {
  return bj::object{{"dataVersion", data_version.to_json()},
                    {"mappingDataVersion", mapping_data_version.to_json()},
                    {"topicConfigTable", json_map(topics)},
                    {"topicQueueMappingDetailMap", json_raw(mapping_details)},
                    {"topicQueueMappingInfoMap", json_raw(mapping_infos)}};
}

Result<TopicConfigTable> TopicConfigTable::from_json(const bj::value& json) {
  Members in(json, "topic config table");
  TopicConfigTable table;
  in.read_body("dataVersion", table.data_version);
  in.read_body("mappingDataVersion", table.mapping_data_version);
  in.read_map("topicConfigTable", table.topics);
  in.read_raw("topicQueueMappingDetailMap", table.mapping_details);
  in.read_raw("topicQueueMappingInfoMap", table.mapping_infos);
  if (!in.ok()) return in.error();
  return table;
}

bj::value RegisterBrokerBody::to_json() const {
  return bj::object{{"filterServerList", json_texts(filter_servers)},
                    {"topicConfigSerializeWrapper", topics.to_json()}};
}

Result<RegisterBrokerBody> RegisterBrokerBody::from_json(const bj::value& json) {
  Members in(json, "register body");
  RegisterBrokerBody body;
  if (in.find("topicConfigTable")) {
    auto bare = TopicConfigTable::from_json(json);
    if (!bare) return bare.error();
    body.topics = std::move(*bare);
    return body;
  }
  in.read("filterServerList", body.filter_servers);
  in.read_body("topicConfigSerializeWrapper", body.topics);
  if (!in.ok()) return in.error();
  return body;
}

}  // namespace gantry::protocol
