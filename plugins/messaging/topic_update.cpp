#include "topic_update.hpp"

#include <span>
#include <string>

#include "protocol/codes.hpp"
#include "protocol/headers.hpp"
#include "protocol/names.hpp"
#include "reply.hpp"
#include "system_topics.hpp"
#include "topic_attributes.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

constexpr int32_t perm_max = protocol::perm::priority | protocol::perm::read |
                             protocol::perm::write | protocol::perm::inherit;
constexpr std::string_view multi_tag = "MULTI_TAG";
constexpr std::string_view single_tag = "SINGLE_TAG";

std::string out_of_range(std::string_view field, int64_t value, int64_t most) {
  return std::string(field) + ": " + std::to_string(value) + " is not between 0 and " +
         std::to_string(most);
}

// What is wrong with the numbers; empty when nothing is.
std::string check_numbers(const Topic& topic, int32_t queues_max) {
  for (const auto& [field, value] : {std::pair("readQueueNums", topic.read_queues),
                                     std::pair("writeQueueNums", topic.write_queues)}) {
    if (value < 0 || value > queues_max) return out_of_range(field, value, queues_max);
  }
  if (topic.perm < 0 || topic.perm > perm_max) return out_of_range("perm", topic.perm, perm_max);
  if (topic.topic_sys_flag < 0)
    return out_of_range("topicSysFlag", topic.topic_sys_flag, INT32_MAX);
  return {};
}

}  // namespace

gantry_status TopicUpdate::handle(const gantry_call& call, const gantry_request& request,
                                  gantry_token token, uint32_t why) {
  const std::span fields(request.fields, request.field_count);
  protocol::FieldReader in(fields);
  Topic wanted;
  wanted.name = in.text("topic");
  wanted.read_queues = in.i32("readQueueNums");
  wanted.write_queues = in.i32("writeQueueNums");
  wanted.perm = in.i32("perm");
  wanted.topic_sys_flag = in.i32_or("topicSysFlag", 0);
  wanted.order = in.flag_or("order", false);
  const std::string_view filter = in.text_or("topicFilterType", single_tag);
  const std::string_view attributes = in.text_or("attributes", {});
  const auto refused = [&](int32_t code, std::string_view remark) {
    return refuse(services_, token, code, remark);
  };
  if (!in.ok()) return refused(code::system_error, in.error().text);
  if (filter != single_tag && filter != multi_tag) {
    return refused(code::system_error, "topicFilterType: \"" + std::string(filter) +
                                           "\" is neither SINGLE_TAG nor MULTI_TAG");
  }
  wanted.filter_type = filter == multi_tag ? protocol::TopicFilterType::multi_tag
                                           : protocol::TopicFilterType::single_tag;

  if (const auto wrong = protocol::check_topic(wanted.name); !wrong.empty()) {
    return refused(code::invalid_parameter, wrong);
  }
  if (is_system_topic(wanted.name, node_)) {
    return refused(code::invalid_parameter,
                   "The topic[" + wanted.name + "] is conflict with system topic.");
  }
  if (const auto wrong = check_numbers(wanted, options_.topic_queues_max); !wrong.empty()) {
    return refused(code::invalid_parameter, wrong);
  }
  const Topic* stored = catalog_.on_shard(call).topics.find(wanted.name);
  const auto kind = !stored               ? AttributeChange::create
                    : why == GANTRY_FIRST ? AttributeChange::alter
                                          : AttributeChange::again;
  auto changed = change_attributes(stored ? stored->attributes : Attributes(), attributes, kind);
  if (!changed.has_value()) return refused(code::system_error, changed.error().text);
  wanted.attributes = std::move(*changed);
  if (const auto type = wanted.attributes.find("message.type");
      type != wanted.attributes.end() && type->second == "MIXED") {
    return refused(code::invalid_parameter, "MIXED message type is not supported.");
  }
  // Also the second run of a request whose change is durable by now.
  if (stored && *stored == wanted) return Reply(code::success).send(services_, token);
  if (why == GANTRY_TIMED_OUT) {
    return refused(code::system_busy, "the metadata store is slow, try again later");
  }
  CatalogChange change;
  change.topics.push_back(std::move(wanted));
  return catalog_.change(call, token, std::move(change));
}

}  // namespace gantry::messaging
