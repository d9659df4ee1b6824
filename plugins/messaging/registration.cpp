#include "registration.hpp"

#include <memory>
#include <utility>

#include "job.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::messaging {

void Registration::begin() {
  open_ = true;
  refresh();
}

void Registration::refresh() {
  if (!open_) return;
  tell_all(protocol::request_code::register_broker, body(*catalog_.latest(), nullptr), [] {});
}

void Registration::announce(const std::vector<Topic>& topics, std::function<void()> then) {
  if (!open_) return then();
  tell_all(protocol::request_code::register_broker, body(*catalog_.latest(), &topics),
           std::move(then));
}

void Registration::leave(std::function<void()> then) {
  if (!open_.exchange(false)) return then();
  tell_all(protocol::request_code::unregister_broker, {}, std::move(then));
}

std::string Registration::body(const CatalogSnapshot& snapshot,
                               const std::vector<Topic>* only) const {
  protocol::RegisterBrokerBody body;
  body.topics.data_version = snapshot.version;
  body.topics.mapping_data_version.timestamp = snapshot.version.timestamp;
  if (only) {
    for (const Topic& topic : *only) body.topics.topics.emplace(topic.name, topic);
  } else {
    snapshot.topics.for_each(
        [&](const Topic& topic) { body.topics.topics.emplace(topic.name, topic); });
  }
  return protocol::write_body(body);
}

void Registration::tell_all(int32_t code, const std::string& body, std::function<void()> then) {
  if (options_.nameserver_doors.empty()) return then();
  const auto missing = std::make_shared<std::atomic<size_t>>(options_.nameserver_doors.size());
  const auto one = [missing, then = std::move(then)] {
    if (missing->fetch_sub(1) == 1) then();
  };
  for (const std::string& door : options_.nameserver_doors) tell(door, code, body, one);
}

Registration::Entries Registration::fields(int32_t code) const {
  Entries fields = {{"brokerName", node_.broker},
                    {"brokerAddr", node_.address},
                    {"clusterName", node_.cluster},
                    {"brokerId", std::to_string(node_.broker_id)}};
  if (code == protocol::request_code::register_broker) {
    fields.emplace_back("haServerAddr", node_.ha_address);
    fields.emplace_back("enableActingMaster", "false");
    fields.emplace_back("compressed", "false");
    fields.emplace_back("bodyCrc32", "0");  // 0 is unchecked: the bytes never leave the process
  }
  return fields;
}

void Registration::tell(const std::string& door, int32_t code, const std::string& body,
                        std::function<void()> then) {
  const Entries texts = fields(code);
  std::vector<gantry_property> properties;
  for (const auto& [key, value] : texts) properties.push_back({sdk::str(key), sdk::str(value)});
  gantry_slice slice{};
  if (!body.empty()) {
    uint8_t* bytes = nullptr;
    if (services_.buffers.reserve(services_.host, body.size(), &slice, &bytes) != GANTRY_OK) {
      services_.warn("no memory to register at door " + door);
      return then();
    }
    body.copy(reinterpret_cast<char*>(bytes), body.size());
  }
  gantry_request request{};
  request.struct_size = sizeof request;
  request.code = code;
  request.version = protocol::version::announced;
  request.fields = properties.data();
  request.field_count = static_cast<uint32_t>(properties.size());
  request.body = &slice;
  request.body_count = slice.buffer ? 1 : 0;
  const auto report = [this, door](std::string_view what) {
    services_.warn("not registered at door " + door + ": " + std::string(what));
  };
  const gantry_status called = give(
      [&](gantry_completion done) {
        return services_.requests.call(services_.host, sdk::str(door), &request,
                                       options_.register_timeout_ms, done);
      },
      [report, then](const gantry_call&, gantry_status status, const void* result) {
        const auto* answer = static_cast<const gantry_response*>(result);
        if (status == GANTRY_BUSY) {
          report("no answer in time");
        } else if (status == GANTRY_OK && answer->code != protocol::response_code::success) {
          report("answer " + std::to_string(answer->code) + " " +
                 std::string(sdk::view(answer->remark)));
        } else if (status != GANTRY_OK && status != GANTRY_CANCELLED) {
          report("status " + std::to_string(status));
        }
        then();
      });
  if (slice.buffer) services_.buffers.release(services_.host, slice.buffer);
  if (called < 0) {
    report(called == GANTRY_GONE ? "there is no such door" : "the call was refused");
    then();
  }
}

}  // namespace gantry::messaging
