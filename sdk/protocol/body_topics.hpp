// Topic configuration on the wire: DataVersion, TopicConfig, the table of 21, the bodies of 103.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace gantry::protocol {

struct DataVersion {
  std::int64_t state_version = 0;
  std::int64_t timestamp = 0;
  std::int64_t counter = 0;

  boost::json::value to_json() const;
  static Result<DataVersion> from_json(const boost::json::value& json);
  friend bool operator==(const DataVersion&, const DataVersion&) = default;
};

enum class TopicFilterType { single_tag, multi_tag };
std::string_view topic_filter_type_name(TopicFilterType type);  // SINGLE_TAG, MULTI_TAG

struct TopicConfig {
  std::string name;
  std::int32_t read_queues = 16;
  std::int32_t write_queues = 16;
  std::int32_t perm = 6;
  TopicFilterType filter_type = TopicFilterType::single_tag;
  std::int32_t topic_sys_flag = 0;
  bool order = false;
  std::map<std::string, std::string> attributes;

  boost::json::value to_json() const;
  static Result<TopicConfig> from_json(const boost::json::value& json);
  friend bool operator==(const TopicConfig&, const TopicConfig&) = default;
};

// TopicConfigAndMappingSerializeWrapper: 21's answer and half of 103's request. Queue mappings
// belong to static topics; they are carried as JSON texts, not interpreted.
struct TopicConfigTable {
  DataVersion data_version;
  DataVersion mapping_data_version;
  std::map<std::string, TopicConfig> topics;
  std::string mapping_details = "{}";  // topicQueueMappingDetailMap
  std::string mapping_infos = "{}";    // topicQueueMappingInfoMap

  boost::json::value to_json() const;
  static Result<TopicConfigTable> from_json(const boost::json::value& json);
  friend bool operator==(const TopicConfigTable&, const TopicConfigTable&) = default;
};

struct RegisterBrokerBody {
  TopicConfigTable topics;
  std::vector<std::string> filter_servers;

  boost::json::value to_json() const;
  // Also takes the bare table brokers below version 37 send.
  static Result<RegisterBrokerBody> from_json(const boost::json::value& json);
  friend bool operator==(const RegisterBrokerBody&, const RegisterBrokerBody&) = default;
};

// The layout inside a compressed 103, once inflated. with_mappings: the sender's version is 413 or
// newer, and a section of queue mappings follows.
Result<RegisterBrokerBody> read_register_layout(std::string_view bytes, bool with_mappings);
// The same layout to be deflated, always with queue mappings. Of a topic it has no place for order
// and system flag, of the tables none for mapping_details and the mappings' version.
std::string write_register_layout(const RegisterBrokerBody& body);

}  // namespace gantry::protocol
