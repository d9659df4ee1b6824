#include "documents.hpp"

#include <gantry/schema/group_generated.h>
#include <gantry/schema/topic_generated.h>

#include <cstring>
#include <limits>
#include <vector>

namespace gantry::messaging {
namespace {

constexpr flatbuffers::uoffset_t depth_max = 8;
constexpr flatbuffers::uoffset_t tables_max = 256;  // a topic and its attributes

std::string text_of(const flatbuffers::FlatBufferBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

// A store hands out bytes at any address; FlatBuffers wants them aligned.
class Aligned {
 public:
  explicit Aligned(std::span<const uint8_t> bytes)
      : words_(bytes.size() / 8 + 1), size_(bytes.size()) {
    if (size_ > 0) std::memcpy(words_.data(), bytes.data(), size_);
  }
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(words_.data()); }
  template <bool verify(flatbuffers::Verifier&)>
  bool is_good() const {
    flatbuffers::Verifier verifier(data(), size_, depth_max, tables_max);
    return verify(verifier);
  }

 private:
  std::vector<uint64_t> words_;
  size_t size_;
};

bool fits(uint32_t value) {
  return value <= uint32_t{std::numeric_limits<int32_t>::max()};
}

}  // namespace

std::string write_document(const Topic& topic) {
  flatbuffers::FlatBufferBuilder builder(256);
  std::vector<flatbuffers::Offset<schema::Attribute>> attributes;
  for (const auto& [key, value] : topic.attributes) {
    attributes.push_back(
        schema::CreateAttribute(builder, builder.CreateString(key), builder.CreateString(value)));
  }
  const auto name = builder.CreateString(topic.name);
  const auto list = builder.CreateVector(attributes);
  schema::FinishTopicBuffer(
      builder, schema::CreateTopic(builder, name, static_cast<uint32_t>(topic.read_queues),
                                   static_cast<uint32_t>(topic.write_queues),
                                   static_cast<uint8_t>(topic.perm),
                                   topic.filter_type == protocol::TopicFilterType::multi_tag
                                       ? schema::FilterType::MultiTag
                                       : schema::FilterType::SingleTag,
                                   static_cast<uint32_t>(topic.topic_sys_flag), topic.order, list));
  return text_of(builder);
}

std::string write_document(const Group& group) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto name = builder.CreateString(group.name);
  const auto policy = builder.CreateString(group.retry_policy);
  schema::FinishGroupBuffer(
      builder, schema::CreateGroup(builder, name, group.consume_enabled,
                                   group.consume_from_min_enabled, group.consume_broadcast_enabled,
                                   group.consume_orderly, static_cast<uint32_t>(group.retry_queues),
                                   static_cast<uint32_t>(group.retries_max), group.broker_id,
                                   group.slow_consumer_broker_id, group.notify_ids_changed,
                                   static_cast<uint32_t>(group.group_sys_flag),
                                   static_cast<uint32_t>(group.consume_timeout_minutes), policy));
  return text_of(builder);
}

std::optional<Topic> read_topic(std::span<const uint8_t> document) {
  const Aligned bytes(document);
  if (!bytes.is_good<schema::VerifyTopicBuffer>()) return std::nullopt;
  const schema::Topic& stored = *schema::GetTopic(bytes.data());
  if (!fits(stored.read_queues()) || !fits(stored.write_queues())) return std::nullopt;
  if (!fits(stored.sys_flag())) return std::nullopt;
  Topic topic;
  topic.name = stored.name()->str();
  topic.read_queues = static_cast<int32_t>(stored.read_queues());
  topic.write_queues = static_cast<int32_t>(stored.write_queues());
  topic.perm = stored.perm();
  topic.filter_type = stored.filter_type() == schema::FilterType::MultiTag
                          ? protocol::TopicFilterType::multi_tag
                          : protocol::TopicFilterType::single_tag;
  topic.topic_sys_flag = static_cast<int32_t>(stored.sys_flag());
  topic.order = stored.order();
  if (stored.attributes()) {
    for (const schema::Attribute* attribute : *stored.attributes()) {
      topic.attributes.emplace(attribute->name()->str(), attribute->value()->str());
    }
  }
  return topic;
}

std::optional<Group> read_group(std::span<const uint8_t> document) {
  const Aligned bytes(document);
  if (!bytes.is_good<schema::VerifyGroupBuffer>()) return std::nullopt;
  const schema::Group& stored = *schema::GetGroup(bytes.data());
  if (!fits(stored.retry_queues()) || !fits(stored.retry_times_max()) || !fits(stored.sys_flag()) ||
      !fits(stored.consume_timeout_minutes())) {
    return std::nullopt;
  }
  Group group;
  group.name = stored.name()->str();
  group.consume_enabled = stored.consume_enable();
  group.consume_from_min_enabled = stored.consume_from_min_enable();
  group.consume_broadcast_enabled = stored.consume_broadcast_enable();
  group.consume_orderly = stored.consume_orderly();
  group.retry_queues = static_cast<int32_t>(stored.retry_queues());
  group.retries_max = static_cast<int32_t>(stored.retry_times_max());
  group.broker_id = stored.broker_id();
  group.slow_consumer_broker_id = stored.broker_id_when_slow();
  group.notify_ids_changed = stored.notify_members_changed();
  group.group_sys_flag = static_cast<int32_t>(stored.sys_flag());
  group.consume_timeout_minutes = static_cast<int32_t>(stored.consume_timeout_minutes());
  if (stored.retry_policy()) group.retry_policy = stored.retry_policy()->str();
  return group;
}

}  // namespace gantry::messaging
