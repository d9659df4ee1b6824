#include "protocol/body_running.hpp"

#include "protocol/body_by_queue.hpp"

namespace gantry::protocol {
namespace bj = boost::json;
namespace {

constexpr std::string_view consume_directly_names[] = {
    "CR_SUCCESS", "CR_LATER", "CR_ROLLBACK", "CR_COMMIT", "CR_THROW_EXCEPTION", "CR_RETURN_NULL"};

}  // namespace

std::string_view consume_directly_name(ConsumeDirectly result) {
  return consume_directly_names[static_cast<std::size_t>(result)];
}

bj::value ProcessQueueInfo::to_json() const {
  return bj::object{
      {"cachedMsgCount", cached_messages},       {"cachedMsgMaxOffset", cached_max_offset},
      {"cachedMsgMinOffset", cached_min_offset}, {"cachedMsgSizeInMiB", cached_mib},
      {"commitOffset", commit_offset},           {"droped", dropped},
      {"lastConsumeTimestamp", last_consume_ms}, {"lastLockTimestamp", last_lock_ms},
      {"lastPullTimestamp", last_pull_ms},       {"locked", locked}};
}

Result<ProcessQueueInfo> ProcessQueueInfo::from_json(const bj::value& json) {
  Members in(json, "process queue");
  ProcessQueueInfo info;
  in.read("cachedMsgCount", info.cached_messages);
  in.read_unsigned("cachedMsgMaxOffset", info.cached_max_offset);
  in.read_unsigned("cachedMsgMinOffset", info.cached_min_offset);
  in.read("cachedMsgSizeInMiB", info.cached_mib);
  in.read_unsigned("commitOffset", info.commit_offset);
  in.read("dropped", info.dropped);  // Go's spelling
  in.read("droped", info.dropped);
  in.read("lastConsumeTimestamp", info.last_consume_ms);
  in.read("lastLockTimestamp", info.last_lock_ms);
  in.read("lastPullTimestamp", info.last_pull_ms);
  in.read("locked", info.locked);
  if (!in.ok()) return in.error();
  return info;
}

bj::value ConsumerRunningInfo::to_json() const {
  bj::object json;
  if (!stacks.empty()) json["jstack"] = stacks;
  json["mqPopTable"] = json_raw(pop_queues);
  json["mqTable"] = json_by_queue(queues);
  json["properties"] = json_texts(properties);
  json["statusTable"] = json_raw(rates);
  json["subscriptionSet"] = json_list(subscriptions);
  json["userConsumerInfo"] = json_raw(application);
  return json;
}

Result<ConsumerRunningInfo> ConsumerRunningInfo::from_json(const bj::value& json) {
  Members in(json, "running info");
  ConsumerRunningInfo info;
  in.read("jstack", info.stacks);
  in.read_raw("mqPopTable", info.pop_queues);
  in.read("properties", info.properties);
  in.read_raw("statusTable", info.rates);
  in.read_list("subscriptionSet", info.subscriptions);
  in.read_raw("userConsumerInfo", info.application);
  auto queues = read_by_queue<ProcessQueueInfo>(in, "mqTable");
  if (!in.ok()) return in.error();
  if (!queues) return queues.error();
  info.queues = std::move(*queues);
  return info;
}

bj::value ConsumeDirectlyResult::to_json() const {
  return bj::object{{"autoCommit", auto_commit},
                    {"consumeResult", bj::string_view(consume_directly_name(result))},
                    {"order", order},
                    {"remark", remark},
                    {"spentTimeMills", spent_ms}};
}

Result<ConsumeDirectlyResult> ConsumeDirectlyResult::from_json(const bj::value& json) {
  Members in(json, "consume result");
  ConsumeDirectlyResult result;
  in.read("autoCommit", result.auto_commit);
  in.read_enum("consumeResult", consume_directly_names, result.result);
  in.read("order", result.order);
  in.read("remark", result.remark);
  in.read("spentTimeMills", result.spent_ms);
  if (!in.ok()) return in.error();
  return result;
}

}  // namespace gantry::protocol
