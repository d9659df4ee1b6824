#include "mini_cluster.hpp"

#include <algorithm>

#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"
#include "protocol/pull_header.hpp"

namespace gantry::client::testing {

namespace code = protocol::request_code;
namespace response = protocol::response_code;

void MiniCluster::put(int32_t queue, const std::string& body, const std::string& tags) {
  const std::lock_guard lock(mutex_);
  messages_[queue].push_back({body, tags});
}

void MiniCluster::spoil(int32_t queue, int64_t offset, Bytes bytes) {
  const std::lock_guard lock(mutex_);
  messages_[queue].at(static_cast<size_t>(offset)).bytes = bytes;
}

void MiniCluster::set_others(std::vector<std::string> ids) {
  const std::lock_guard lock(mutex_);
  others_ = std::move(ids);
}

void MiniCluster::set_committed(int32_t queue, int64_t offset) {
  const std::lock_guard lock(mutex_);
  committed_[queue] = offset;
}

void MiniCluster::refuse(int32_t request_code, int32_t with) {
  const std::lock_guard lock(mutex_);
  refused_[request_code] = with;
}

void MiniCluster::allow(int32_t request_code) {
  const std::lock_guard lock(mutex_);
  refused_.erase(request_code);
}

void MiniCluster::trim(int32_t queue, int64_t begin) {
  const std::lock_guard lock(mutex_);
  begins_[queue] = begin;
}

int64_t MiniCluster::committed(int32_t queue) const {
  const std::lock_guard lock(mutex_);
  const auto found = committed_.find(queue);
  return found == committed_.end() ? -1 : found->second;
}

std::string MiniCluster::client_id() const {
  const std::lock_guard lock(mutex_);
  return last_member_;
}

std::vector<int64_t> MiniCluster::pulled(int32_t queue) const {
  std::vector<int64_t> out;
  for (const Request& request : server_.asked(code::pull_message)) {
    protocol::FieldReader in(request.fields);
    if (in.text("topic") == "orders" && in.i32("queueId") == queue) {
      out.push_back(in.i64("queueOffset"));
    }
  }
  return out;
}

Reply MiniCluster::lock(const Request& request) const {
  protocol::LockBatchAnswer granted;
  granted.queues = protocol::read_body<protocol::LockBatchRequest>(request.body)->queues;
  return reply(0, protocol::write_body(granted));
}

std::optional<Reply> MiniCluster::pull(
    const protocol::FieldReader<Fields::value_type>& fields) const {
  auto in = fields;
  const int32_t queue = in.i32("queueId");
  const int64_t offset = in.i64("queueOffset");
  if (in.text("topic") != "orders") return std::nullopt;
  const auto found = messages_.find(queue);
  const int64_t end = found == messages_.end() ? 0 : static_cast<int64_t>(found->second.size());
  const auto begin = begins_.find(queue);
  protocol::PullMessageAnswer answer;
  answer.max_offset = end;
  answer.min_offset = begin == begins_.end() ? 0 : begin->second;
  if (offset < answer.min_offset || offset > end) {
    answer.next_offset = offset > end ? end : answer.min_offset;
    return reply(response::pull_offset_moved, "", write_pull_answer(answer));
  }
  if (offset == end) return std::nullopt;
  std::string body;
  for (int64_t at = offset; at < end; ++at) {
    const Stored& stored = found->second[static_cast<size_t>(at)];
    std::string properties;
    if (!stored.tags.empty()) protocol::append_property(properties, "TAGS", stored.tags);
    protocol::MessageView view;
    view.topic = "orders";
    view.body = stored.body;
    view.properties = properties;
    view.queue_id = queue;
    view.queue_offset = at;
    view.log_offset = queue * 1000 + at;
    view.stored_ms = 1'700'000'000'000;
    if (stored.bytes == Bytes::no_body) view.sys_flag = protocol::message_flag::compressed;
    std::string record = protocol::encode_record(view).value();
    if (stored.bytes == Bytes::no_record) record.replace(4, 4, "nope");
    body += record;
  }
  answer.next_offset = end;
  return reply(0, body, write_pull_answer(answer));
}

std::optional<Reply> MiniCluster::answer(const Request& request) {
  const std::lock_guard guard(mutex_);
  if (const auto refused = refused_.find(request.code); refused != refused_.end()) {
    return reply(refused->second);
  }
  protocol::FieldReader in(request.fields);
  const bool orders = in.text_or("topic", "") == "orders";
  switch (request.code) {
    case code::get_routeinfo_by_topic:
      if (!orders) return reply(response::topic_not_exist);
      return reply(0, route_body({server_.address()}, queues_));
    case code::heart_beat: {
      const auto beat = protocol::read_body<protocol::HeartbeatData>(request.body).value();
      last_member_ = beat.client_id;
      if (!beat.consumers.empty()) members_.insert(beat.client_id);
      return reply(0);
    }
    case code::get_consumer_list_by_group: {
      protocol::ConsumerIdList list;
      list.ids = others_;
      list.ids.insert(list.ids.end(), members_.begin(), members_.end());
      return reply(0, protocol::write_body(list));
    }
    case code::query_consumer_offset: {
      const auto found = committed_.find(in.i32("queueId"));
      if (found == committed_.end()) return reply(response::query_not_found);
      return reply(0, "", {{"offset", std::to_string(found->second)}});
    }
    case code::update_consumer_offset:
      committed_[in.i32("queueId")] = in.i64("commitOffset");
      return reply(0);
    case code::get_max_offset:
      return reply(0, "", {{"offset", std::to_string(messages_[in.i32("queueId")].size())}});
    case code::get_min_offset:
      return reply(0, "", {{"offset", std::to_string(begins_[in.i32("queueId")])}});
    case code::search_offset_by_timestamp:
      return reply(0, "", {{"offset", "1"}});
    case code::lock_batch_mq:
      return lock(request);
    case code::pull_message:
      return pull(in);
    default:
      return reply(0);
  }
}

}  // namespace gantry::client::testing
