#include "groups.hpp"

#include <string>
#include <utility>

#include "paging.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "worker.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

constexpr std::string_view slow_store = "the metadata store is slow, try again later";

std::string not_between(std::string_view field, int64_t value, int64_t most) {
  return std::string(field) + ": " + std::to_string(value) + " is not between 0 and " +
         std::to_string(most);
}

}  // namespace

// What is wrong with a configuration, as the remark of an answer 29; empty when nothing is.
std::string Groups::check(const Group& group) const {
  if (std::string wrong = protocol::check_group(group.name); !wrong.empty()) return wrong;
  struct Bound {
    std::string_view field;
    int64_t value;
    int64_t most;
  };
  for (const auto& [field, value, most] :
       {Bound{"retryQueueNums", group.retry_queues, options_.topic_queues_max},
        Bound{"retryMaxTimes", group.retries_max, INT32_MAX},
        Bound{"groupSysFlag", group.group_sys_flag, INT32_MAX},
        Bound{"consumeTimeoutMinute", group.consume_timeout_minutes, INT32_MAX},
        Bound{"brokerId", group.broker_id, INT64_MAX},
        Bound{"whichBrokerWhenConsumeSlowly", group.slow_consumer_broker_id, INT64_MAX}}) {
    if (value < 0 || value > most) return not_between(field, value, most);
  }
  if (!group.attributes.empty()) {
    return "attributes: \"" + group.attributes.begin()->first +
           "\" is none this broker knows; groups have no attributes here";
  }
  return {};
}

gantry_status Groups::update(const gantry_call& call, const gantry_request& request,
                             gantry_token token, uint32_t why) {
  auto wanted = protocol::read_body<Group>(body_of(services_, call, request));
  if (!wanted.has_value()) {
    return refuse(services_, token, code::system_error,
                  "the configuration of a group: " + wanted.error().text);
  }
  return change(call, token, why, {std::move(*wanted)});
}

gantry_status Groups::update_list(const gantry_call& call, const gantry_request& request,
                                  gantry_token token, uint32_t why) {
  auto wanted = protocol::read_body<protocol::GroupConfigList>(body_of(services_, call, request));
  if (!wanted.has_value()) {
    return refuse(services_, token, code::system_error,
                  "the configurations of groups: " + wanted.error().text);
  }
  return change(call, token, why, std::move(wanted->groups));
}

gantry_status Groups::change(const gantry_call& call, gantry_token token, uint32_t why,
                             std::vector<Group> wanted) {
  for (const Group& group : wanted) {
    if (const std::string wrong = check(group); !wrong.empty()) {
      return refuse(services_, token, code::invalid_parameter, wrong);
    }
  }
  // Also the second run of a request whose change is durable by now.
  const CatalogSnapshot& known = catalog_.on_shard(call);
  std::erase_if(wanted, [&](const Group& group) {
    const Group* stored = known.groups.find(group.name);
    return stored && *stored == group;
  });
  if (wanted.empty()) return Reply(code::success).send(services_, token);
  if (why == GANTRY_TIMED_OUT) return refuse(services_, token, code::system_busy, slow_store);
  CatalogChange change;
  change.groups = std::move(wanted);
  return catalog_.change(call, token, std::move(change));
}

gantry_status Groups::remove(const gantry_call& call, const gantry_request& request,
                             gantry_token token, uint32_t why) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view name = in.text("groupName");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  if (catalog_.on_shard(call).groups.find(name)) {
    if (why == GANTRY_TIMED_OUT) return refuse(services_, token, code::system_busy, slow_store);
    CatalogChange change;
    change.gone_groups.emplace_back(name);
    return catalog_.change(call, token, std::move(change));
  }
  if (in.flag_or("cleanOffset", false)) return forget_offsets(name, token);
  return Reply(code::success).send(services_, token);
}

gantry_status Groups::forget_offsets(std::string_view group, gantry_token token) {
  return go_on_in_worker(services_, token,
                         [this, token, group = std::string(group)](const gantry_call&) {
                           offsets_.erase([&](const QueueKey& key) { return key.group == group; });
                           offset_store_.flush();
                           return Reply(code::success).send(services_, token);
                         });
}

gantry_status Groups::one(const gantry_call& call, const gantry_request& request,
                          gantry_token token, uint32_t why) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view name = in.text("group");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  if (const Group* group = catalog_.on_shard(call).groups.find(name)) {
    return answer_body(services_, token, protocol::write_body(*group));
  }
  if (!options_.auto_create_groups || !protocol::check_group(name).empty()) {
    return refuse(services_, token, code::subscription_group_not_exist,
                  "No group in this broker. group: " + std::string(name));
  }
  return change(call, token, why, {make_group(std::string(name))});
}

gantry_status Groups::list(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  PageWanted wanted = read_page(in, "groupSeq", "maxGroupNum");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  return go_on_in_worker(
      services_, token, [this, token, wanted = std::move(wanted)](const gantry_call&) {
        const auto snapshot = catalog_.latest();
        std::vector<std::string> names;
        snapshot->groups.for_each([&](const Group& group) { names.push_back(group.name); });
        protocol::SubscriptionGroupTable table;
        table.data_version = snapshot->group_version;
        for (std::string& name : page_of(std::move(names), wanted, snapshot->group_version)) {
          const Group& group = *snapshot->groups.find(name);
          table.groups.emplace(std::move(name), group);
        }
        const NumberText total(static_cast<int64_t>(snapshot->groups.size()));
        return answer_body(services_, token, protocol::write_body(table),
                           {{sdk::str("totalGroupNum"), sdk::str(total.view())}});
      });
}

}  // namespace gantry::messaging
