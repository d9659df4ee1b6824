// What messaging offers other modules: gantry.topics, gantry.groups, gantry.offsets,
// gantry.clients.
#include <gantry/cap/clients.h>
#include <gantry/cap/offsets.h>

#include <algorithm>
#include <string>
#include <utility>

#include "broker.hpp"
#include "job.hpp"
#include "messaging.hpp"
#include "protocol/names.hpp"

namespace gantry::messaging {
namespace {

uint32_t kind_of(const Topic& topic) {
  const auto type = topic.attributes.find("message.type");
  if (type == topic.attributes.end()) return GANTRY_TOPIC_UNSPECIFIED;
  constexpr std::pair<std::string_view, uint32_t> kinds[] = {
      {"NORMAL", GANTRY_TOPIC_NORMAL},
      {"FIFO", GANTRY_TOPIC_FIFO},
      {"DELAY", GANTRY_TOPIC_DELAY},
      {"TRANSACTION", GANTRY_TOPIC_TRANSACTION},
      {"MIXED", GANTRY_TOPIC_MIXED}};
  for (const auto& [name, kind] : kinds) {
    if (type->second == name) return kind;
  }
  return GANTRY_TOPIC_UNSPECIFIED;
}

void tell(const Topic& topic, gantry_topic& out) {
  out.perm = static_cast<uint32_t>(topic.perm);
  out.read_queues = topic.read_queues;
  out.write_queues = topic.write_queues;
  out.kind = kind_of(topic);
  out.flags =
      (topic.order ? GANTRY_TOPIC_ORDERED : 0) | (needs_keys(topic) ? GANTRY_TOPIC_COMPACTED : 0);
  out.sys_flag = topic.topic_sys_flag;
}

void tell(const Group& group, gantry_group& out) {
  out.flags = (group.consume_enabled ? GANTRY_GROUP_CONSUMES : 0) |
              (group.consume_broadcast_enabled ? GANTRY_GROUP_BROADCASTS : 0) |
              (group.consume_orderly ? GANTRY_GROUP_ORDERLY : 0) |
              (group.consume_from_min_enabled ? GANTRY_GROUP_FROM_MIN : 0) |
              (group.notify_ids_changed ? GANTRY_GROUP_HEARS_MEMBERS : 0);
  out.retry_queues = group.retry_queues;
  out.retries_max = group.retries_max;
  out.sys_flag = group.group_sys_flag;
  out.consume_timeout_minutes = group.consume_timeout_minutes;
}

// Looks in what the calling shard sees; elsewhere in the newest.
template <class Thing, class Out>
gantry_status find(const Catalog& catalog, const gantry_call& call,
                   SnapshotMap<Thing> CatalogSnapshot::*map, gantry_str name, Out& out) {
  const auto look = [&](const CatalogSnapshot& known) {
    const Thing* thing = (known.*map).find(sdk::view(name));
    if (!thing) return GANTRY_GONE;
    tell(*thing, out);
    return GANTRY_OK;
  };
  return call.shard == GANTRY_NO_SHARD ? look(*catalog.latest()) : look(catalog.on_shard(call));
}

// Keeps the promise where it was asked for: on that shard, else on a worker.
void complete(const Services& services, uint32_t shard, gantry_completion then,
              gantry_status status, const std::string& reason) {
  const auto run = [then, status, reason](const gantry_call& call, gantry_status ran, const void*) {
    const gantry_status end = ran == GANTRY_OK ? status : ran;
    if (end < 0) sdk::set_error(call.error, end, reason);
    then.done(then.context, &call, end, nullptr);
  };
  const bool worker = shard == GANTRY_NO_SHARD;
  const gantry_status given = give(
      [&](gantry_completion job) {
        return worker ? services.timer.work(services.host, job)
                      : services.timer.post(services.host, shard, job);
      },
      run);
  if (given >= 0) return;
  // No worker free: a shard is better than a promise not kept.
  give([&](gantry_completion job) { return services.timer.post(services.host, 0, job); }, run);
}

gantry_status ensure(Broker& broker, const gantry_call& call, CatalogChange change,
                     gantry_completion then) {
  broker.catalog.ensure(&call, std::move(change),
                        [&services = broker.services, shard = call.shard, then](
                            gantry_status status, const std::string& reason) {
                          complete(services, shard, then, status, reason);
                        });
  return GANTRY_OK;
}

}  // namespace

gantry_status Messaging::find_topic(const gantry_call& call, gantry_str name, gantry_topic& out) {
  return find(broker_->catalog, call, &CatalogSnapshot::topics, name, out);
}

gantry_status Messaging::ensure_topic(const gantry_call& call, gantry_str name,
                                      const gantry_topic& wanted, gantry_completion then) {
  Topic topic;
  topic.name = sdk::view(name);
  if (std::string wrong = protocol::check_topic(topic.name); !wrong.empty()) {
    throw sdk::Refusal(GANTRY_INVALID, "topic: " + wrong);
  }
  const auto queues = [&](std::string_view field, int32_t value) {
    if (value >= 0 && value <= options_.topic_queues_max) return value;
    throw sdk::Refusal(GANTRY_INVALID, std::string(field) + ": " + std::to_string(value) +
                                           " is not between 0 and " +
                                           std::to_string(options_.topic_queues_max));
  };
  topic.read_queues = queues("read_queues", wanted.read_queues);
  topic.write_queues = queues("write_queues", wanted.write_queues);
  if (wanted.perm > 15) {
    throw sdk::Refusal(GANTRY_INVALID, "perm: " + std::to_string(wanted.perm) + " is above 15");
  }
  if (wanted.sys_flag < 0) {
    throw sdk::Refusal(GANTRY_INVALID, "sys_flag: " + std::to_string(wanted.sys_flag));
  }
  topic.perm = static_cast<int32_t>(wanted.perm);
  topic.topic_sys_flag = wanted.sys_flag;
  CatalogChange change;
  change.topics.push_back(std::move(topic));
  return ensure(*broker_, call, std::move(change), then);
}

gantry_status Messaging::each_topic(gantry_status (*each)(void*, gantry_str, const gantry_topic*),
                                    void* context) {
  gantry_status status = GANTRY_OK;
  const auto known = broker_->catalog.latest();
  known->topics.for_each([&](const Topic& topic) {
    if (status != GANTRY_OK) return;
    gantry_topic out{};
    out.struct_size = sizeof out;
    tell(topic, out);
    status = each(context, sdk::str(topic.name), &out);
  });
  return status;
}

gantry_status Messaging::find_group(const gantry_call& call, gantry_str name, gantry_group& out) {
  return find(broker_->catalog, call, &CatalogSnapshot::groups, name, out);
}

gantry_status Messaging::ensure_group(const gantry_call& call, gantry_str name,
                                      gantry_completion then) {
  gantry_group known{};
  CatalogChange change;
  change.groups.push_back(make_group(std::string(sdk::view(name))));
  if (std::string wrong = protocol::check_group(sdk::view(name)); !wrong.empty()) {
    throw sdk::Refusal(GANTRY_INVALID, "group: " + wrong);
  }
  if (!options_.auto_create_groups && find_group(call, name, known) != GANTRY_OK) {
    throw sdk::Refusal(GANTRY_REFUSED,
                       "group: \"" + std::string(sdk::view(name)) +
                           "\" is not there, and groups are made by operators only");
  }
  return ensure(*broker_, call, std::move(change), then);
}

gantry_status Messaging::get_offset(gantry_str group, gantry_str topic, int32_t queue_id,
                                    int64_t& out) {
  const auto committed = broker_->offset_table.find({sdk::view(group), sdk::view(topic), queue_id});
  out = committed.value_or(-1);
  return committed ? GANTRY_OK : GANTRY_GONE;
}

gantry_status Messaging::commit_offset(gantry_str group, gantry_str topic, int32_t queue_id,
                                       uint32_t how, int64_t offset) {
  const QueueKey key{sdk::view(group), sdk::view(topic), queue_id};
  if (queue_id < 0 || queue_id >= options_.topic_queues_max) {
    throw sdk::Refusal(GANTRY_INVALID, "queue_id: " + std::to_string(queue_id));
  }
  if (offset < 0) throw sdk::Refusal(GANTRY_INVALID, "offset: " + std::to_string(offset));
  if (how > GANTRY_COMMIT_FORWARD) {
    throw sdk::Refusal(GANTRY_INVALID, "how: " + std::to_string(how));
  }
  if (broker_->resets.is_pending(key)) return GANTRY_OK;
  if (how == GANTRY_COMMIT_FORWARD) {
    broker_->offset_table.advance(key, offset);
  } else {
    broker_->offset_table.commit(key, offset);
  }
  return GANTRY_OK;
}

gantry_status Messaging::client_sessions(uint32_t role, gantry_str group,
                                         std::span<gantry_session> out, uint32_t& count) {
  if (role > GANTRY_CLIENT_PRODUCER) {
    throw sdk::Refusal(GANTRY_INVALID, "role: " + std::to_string(role));
  }
  const auto found = role == GANTRY_CLIENT_PRODUCER
                         ? broker_->client_table.producer_sessions(sdk::view(group))
                         : broker_->client_table.members(sdk::view(group));
  std::copy_n(found.begin(), std::min(found.size(), out.size()), out.begin());
  count = static_cast<uint32_t>(found.size());
  return GANTRY_OK;
}

gantry_status Messaging::find_client(uint32_t role, gantry_str group, gantry_str client_id,
                                     gantry_session& out) {
  if (role > GANTRY_CLIENT_PRODUCER) {
    throw sdk::Refusal(GANTRY_INVALID, "role: " + std::to_string(role));
  }
  const ClientTable& clients = broker_->client_table;
  if (role == GANTRY_CLIENT_CONSUMER) {
    const auto member = clients.member(sdk::view(group), sdk::view(client_id));
    out = member ? member->session : 0;
  } else if (group.size == 0) {
    out = clients.producer_session(sdk::view(client_id));
  } else {
    out = clients.producer_session(sdk::view(group), sdk::view(client_id));
  }
  return out != 0 ? GANTRY_OK : GANTRY_GONE;
}

}  // namespace gantry::messaging
