#include "cpp/fake/broker.hpp"

#include <algorithm>
#include <utility>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr size_t topic_chars_max = 127;
constexpr size_t group_chars_max = 255;
constexpr uint32_t perm_max = 15;

void check_name(std::string_view what, std::string_view name, size_t chars_max) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("%|_-").find(c) != std::string_view::npos;
  };
  if (!name.empty() && name.size() <= chars_max && std::ranges::all_of(name, is_allowed)) return;
  throw Refusal(GANTRY_INVALID, std::string(what) + ": \"" + std::string(name) + "\" is no name");
}

void check_number(std::string_view what, int64_t number, int64_t most) {
  if (number >= 0 && number <= most) return;
  throw Refusal(GANTRY_INVALID, std::string(what) + ": " + std::to_string(number) +
                                    " is not between 0 and " + std::to_string(most));
}

template <class Thing>
gantry_status find(const std::map<std::string, Thing, std::less<>>& things, gantry_str name,
                   Thing& out) {
  const auto found = things.find(view(name));
  if (found == things.end()) return GANTRY_GONE;
  const uint32_t struct_size = out.struct_size;
  out = found->second;
  out.struct_size = struct_size;
  return GANTRY_OK;
}

template <class Thing>
std::optional<Thing> look(const std::map<std::string, Thing, std::less<>>& things,
                          std::string_view name) {
  const auto found = things.find(name);
  return found == things.end() ? std::nullopt : std::optional(found->second);
}

std::tuple<std::string, std::string, int32_t> key(std::string_view group, std::string_view topic,
                                                  int32_t queue_id) {
  return {std::string(group), std::string(topic), queue_id};
}

}  // namespace

gantry_topic Broker::plain_topic(int32_t queues) {
  gantry_topic topic{};
  topic.struct_size = sizeof topic;
  topic.perm = 6;
  topic.read_queues = topic.write_queues = queues;
  return topic;
}

gantry_group Broker::plain_group() {
  gantry_group group{};
  group.struct_size = sizeof group;
  group.flags = GANTRY_GROUP_CONSUMES | GANTRY_GROUP_BROADCASTS | GANTRY_GROUP_FROM_MIN |
                GANTRY_GROUP_HEARS_MEMBERS;
  group.retry_queues = 1;
  group.retries_max = 16;
  group.consume_timeout_minutes = 15;
  return group;
}

void Broker::put_topic(std::string_view name, gantry_topic topic) {
  topics_.insert_or_assign(std::string(name), topic);
}
void Broker::put_group(std::string_view name, gantry_group group) {
  groups_.insert_or_assign(std::string(name), group);
}
std::optional<gantry_topic> Broker::topic(std::string_view name) const {
  return look(topics_, name);
}
std::optional<gantry_group> Broker::group(std::string_view name) const {
  return look(groups_, name);
}

// ── topics and groups

gantry_status Broker::find_topic(const gantry_call&, gantry_str name, gantry_topic& out) {
  return find(topics_, name, out);
}

gantry_status Broker::find_group(const gantry_call&, gantry_str name, gantry_group& out) {
  return find(groups_, name, out);
}

gantry_status Broker::each_topic(gantry_status (*each)(void*, gantry_str, const gantry_topic*),
                                 void* context) {
  const Place::Kind here = core_ ? core_->loop.place().kind : Place::Kind::worker;
  if (here == Place::Kind::shard || here == Place::Kind::log)
    core_->breach("topics.each was called off a worker");
  const auto topics = topics_;  // each() may make some
  for (const auto& [name, topic] : topics) {
    const gantry_status status = each(context, str(name), &topic);
    if (status != GANTRY_OK) return status;
  }
  return GANTRY_OK;
}

gantry_status Broker::ensure_topic(const gantry_call&, gantry_str name, const gantry_topic& wanted,
                                   gantry_completion then) {
  check_name("topic", view(name), topic_chars_max);
  check_number("read_queues", wanted.read_queues, topic_queues_max);
  check_number("write_queues", wanted.write_queues, topic_queues_max);
  check_number("perm", wanted.perm, perm_max);
  check_number("sys_flag", wanted.sys_flag, INT32_MAX);
  gantry_topic topic = plain_topic();
  topic.perm = wanted.perm;
  topic.read_queues = wanted.read_queues;
  topic.write_queues = wanted.write_queues;
  topic.sys_flag = wanted.sys_flag;
  return ensure(view(name), topic, then);
}

gantry_status Broker::ensure_group(const gantry_call&, gantry_str name, gantry_completion then) {
  check_name("group", view(name), group_chars_max);
  if (!makes_groups && !groups_.contains(view(name))) {
    throw Refusal(GANTRY_REFUSED, "group: \"" + std::string(view(name)) +
                                      "\" is not there, and groups are made by operators only");
  }
  return ensure(view(name), std::nullopt, then);
}

gantry_status Broker::ensure(std::string_view name, std::optional<gantry_topic> topic,
                             gantry_completion then) {
  if (!core_) throw Refusal(GANTRY_FAULT, "the broker is not offered to a running host");
  Wanted wanted{std::string(name), topic, then, core_->loop.completion_place(), {}};
  if (is_there(wanted)) {
    complete(wanted);
    return GANTRY_OK;
  }
  wanted.failure = std::exchange(failure_, {});
  if (holding_) {
    held_.push_back(std::move(wanted));
  } else {
    finish(std::move(wanted));
  }
  return GANTRY_OK;
}

bool Broker::is_there(const Wanted& wanted) const {
  return wanted.topic ? topics_.contains(wanted.name) : groups_.contains(wanted.name);
}

void Broker::finish(Wanted wanted) {
  if (wanted.failure.empty() && !is_there(wanted)) {
    wanted.topic ? put_topic(wanted.name, *wanted.topic) : put_group(wanted.name);
    ++made_;
  }
  complete(wanted);
}

void Broker::complete(const Wanted& wanted) {
  const auto told = [then = wanted.then, failure = wanted.failure](const gantry_call& call) {
    const gantry_status status = failure.empty() ? GANTRY_OK : GANTRY_FAULT;
    if (status != GANTRY_OK) set_error(call.error, status, failure);
    then.done(then.context, &call, status, nullptr);
  };
  core_->loop.post(wanted.place, told);
}

void Broker::fail_next_ensure(std::string reason) {
  failure_ = std::move(reason);
}

void Broker::hold() {
  holding_ = true;
}

void Broker::release() {
  holding_ = false;
  for (Wanted& wanted : std::exchange(held_, {})) finish(std::move(wanted));
}

void Broker::lose_held() {
  holding_ = false;
  for (const Wanted& wanted : std::exchange(held_, {}))
    core_->loop.run_at(wanted.place, [&](const gantry_call& call) {
      wanted.then.done(wanted.then.context, &call, GANTRY_CANCELLED, nullptr);
    });
}

// ── offsets

void Broker::set_offset(std::string_view group, std::string_view topic, int32_t queue_id,
                        int64_t offset) {
  offsets_[key(group, topic, queue_id)] = offset;
}

std::optional<int64_t> Broker::offset(std::string_view group, std::string_view topic,
                                      int32_t queue_id) const {
  const auto found = offsets_.find(key(group, topic, queue_id));
  return found == offsets_.end() ? std::nullopt : std::optional(found->second);
}

void Broker::reset_offset(std::string_view group, std::string_view topic, int32_t queue_id,
                          int64_t offset) {
  set_offset(group, topic, queue_id, offset);
  resets_.insert(key(group, topic, queue_id));
}

void Broker::hear_reset(std::string_view group, std::string_view topic, int32_t queue_id) {
  resets_.erase(key(group, topic, queue_id));
}

gantry_status Broker::get_offset(gantry_str group, gantry_str topic, int32_t queue_id,
                                 int64_t& out) {
  const auto known = offset(view(group), view(topic), queue_id);
  out = known.value_or(-1);
  return known ? GANTRY_OK : GANTRY_GONE;
}

gantry_status Broker::commit_offset(gantry_str group, gantry_str topic, int32_t queue_id,
                                    uint32_t how, int64_t offset) {
  check_number("queue_id", queue_id, topic_queues_max - 1);
  check_number("offset", offset, INT64_MAX);
  check_number("how", how, GANTRY_COMMIT_FORWARD);
  const auto place = key(view(group), view(topic), queue_id);
  if (resets_.contains(place)) return GANTRY_OK;
  const auto [entry, is_new] = offsets_.try_emplace(place, offset);
  if (how == GANTRY_COMMIT_SET || offset > entry->second) entry->second = offset;
  return GANTRY_OK;
}

// ── clients

void Broker::connect(uint32_t role, std::string_view group, std::string_view client_id,
                     gantry_session session) {
  clients_.push_back({role, std::string(group), std::string(client_id), session});
}

void Broker::disconnect(gantry_session session) {
  std::erase_if(clients_, [&](const Client& client) { return client.session == session; });
}

gantry_status Broker::client_sessions(uint32_t role, gantry_str group,
                                      std::span<gantry_session> out, uint32_t& count) {
  check_number("role", role, GANTRY_CLIENT_PRODUCER);
  count = 0;
  for (const Client& client : clients_) {
    if (client.role != role || client.group != view(group)) continue;
    if (count < out.size()) out[count] = client.session;
    ++count;
  }
  return GANTRY_OK;
}

gantry_status Broker::find_client(uint32_t role, gantry_str group, gantry_str client_id,
                                  gantry_session& out) {
  check_number("role", role, GANTRY_CLIENT_PRODUCER);
  const bool any_group = role == GANTRY_CLIENT_PRODUCER && group.size == 0;
  const auto found = std::find_if(clients_.rbegin(), clients_.rend(), [&](const Client& client) {
    return client.role == role && client.id == view(client_id) &&
           (any_group || client.group == view(group));
  });
  out = found == clients_.rend() ? 0 : found->session;
  return out != 0 ? GANTRY_OK : GANTRY_GONE;
}

}  // namespace gantry::sdk::fake
