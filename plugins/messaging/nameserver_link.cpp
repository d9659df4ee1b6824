#include "nameserver_link.hpp"

#include <utility>

#include "job.hpp"
#include "protocol/codes.hpp"

namespace gantry::messaging {
namespace {

namespace request_code = protocol::request_code;

bool says_unchanged(const gantry_response& answer) {
  for (uint32_t i = 0; i < answer.field_count; ++i) {
    if (sdk::view(answer.fields[i].key) == "changed") {
      return sdk::view(answer.fields[i].value) == "false";
    }
  }
  return false;
}

}  // namespace

NameserverLink::NameserverLink(const Services& services, const Options& options,
                               const Announcement& announcement, const NameserverAddress& address)
    : services_(services),
      options_(options),
      announcement_(announcement),
      address_(address),
      name_((address.is_door ? "door " : "") + address.name),
      form_{!address.is_door, !address.is_door && options.register_compressed} {}

bool NameserverLink::Heard::success() const {
  return answer && answer->code == protocol::response_code::success;
}

std::string NameserverLink::Heard::text() const {
  if (!answer) return why;
  return "answer " + std::to_string(answer->code) + " " + std::string(sdk::view(answer->remark));
}

void NameserverLink::tell_all(Then then) {
  add({true, {}, {std::move(then)}});
}

void NameserverLink::tell(const std::vector<Topic>& topics, Then then) {
  Telling telling{false, {}, {std::move(then)}};
  for (const Topic& topic : topics) telling.topics.insert(topic.name);
  add(std::move(telling));
}

void NameserverLink::add(Telling telling) {
  bool closed = false;
  {
    const std::lock_guard lock(lock_);
    closed = closed_;
    if (busy_ && !closed) {
      if (!next_) next_.emplace();
      next_->all = next_->all || telling.all;
      next_->topics.merge(telling.topics);
      for (Then& then : telling.then) next_->then.push_back(std::move(then));
      return;
    }
    if (!closed) busy_ = true;
  }
  if (!closed) return run(std::make_shared<Telling>(std::move(telling)));
  for (const Then& then : telling.then) then();
}

// A part is for who has the whole. Under a version check a part of several topics could pass for
// the whole with a nameserver that has just been started: it is told everything.
void NameserverLink::run(std::shared_ptr<Telling> telling) {
  const bool asked_for_all = telling->all;
  const bool part_may_mislead = !options_.register_forced && telling->topics.size() > 1;
  if (!knows_all_ || part_may_mislead) telling->all = true;
  if (asked_for_all && !options_.register_forced) return query(std::move(telling));
  register_with(std::move(telling));
}

// Asks first, and registers only with one that knows another version, or none.
void NameserverLink::query(std::shared_ptr<Telling> telling) {
  ask(request_code::query_data_version, announcement_.query(), [this, telling](const Heard& heard) {
    if (heard.answer && !(heard.success() && says_unchanged(*heard.answer))) {
      return register_with(telling);
    }
    knows_all_ = heard.success();
    note(heard);
    finish(*telling);
  });
}

void NameserverLink::register_with(std::shared_ptr<Telling> telling) {
  const Announcement::Message message = telling->all
                                            ? announcement_.registration_of_all(form_)
                                            : announcement_.registration(telling->topics, form_);
  ask(request_code::register_broker, message,
      [this, telling](const Heard& heard) { registered(telling, heard); });
}

void NameserverLink::registered(std::shared_ptr<Telling> telling, const Heard& heard) {
  const bool was_part = !telling->all;
  if (!heard.success()) knows_all_ = false;
  if (was_part && heard.answer && !heard.success()) {
    // It has been started anew since, and doesn't know this broker.
    telling->all = true;
    return register_with(std::move(telling));
  }
  if (heard.success() && telling->all) knows_all_ = true;
  note(heard);
  finish(*telling);
}

void NameserverLink::finish(const Telling& telling) {
  for (const Then& then : telling.then) then();
  std::shared_ptr<Telling> next;
  {
    const std::lock_guard lock(lock_);
    if (next_) next = std::make_shared<Telling>(*std::exchange(next_, std::nullopt));
    busy_ = next != nullptr;
  }
  if (next) run(std::move(next));
}

void NameserverLink::leave(Then then) {
  std::optional<Telling> dropped;
  {
    const std::lock_guard lock(lock_);
    closed_ = true;
    dropped = std::exchange(next_, std::nullopt);
  }
  if (dropped) {
    for (const Then& one : dropped->then) one();
  }
  if (!knows_all_) return then();
  // Not behind what is under way: a connection keeps the order, and ends soon after.
  ask(request_code::unregister_broker, announcement_.farewell(),
      [this, then = std::move(then)](const Heard& heard) {
        if (!heard.success()) services_.warn("not taken out of " + name_ + ": " + heard.text());
        then();
      });
}

// Only changes are worth a line: it is told every 30 s.
void NameserverLink::note(const Heard& heard) {
  const std::string failure = heard.success() ? "" : heard.text();
  {
    const std::lock_guard lock(lock_);
    if (last_failure_ == failure) return;
    last_failure_ = failure;
  }
  if (!failure.empty()) return services_.warn("not registered at " + name_ + ": " + failure);
  if (!address_.is_door) services_.info("registered at " + name_);
}

void NameserverLink::ask(int32_t code, const Announcement::Message& message, OnHeard then) {
  std::vector<gantry_property> properties;
  for (const auto& [key, value] : message.fields) {
    properties.push_back({sdk::str(key), sdk::str(value)});
  }
  gantry_slice slice{};
  if (!message.body.empty()) {
    uint8_t* bytes = nullptr;
    const uint64_t size = message.body.size();
    if (services_.buffers.reserve(services_.host, size, &slice, &bytes) != GANTRY_OK) {
      return then({nullptr, "no memory for the request"});
    }
    message.body.copy(reinterpret_cast<char*>(bytes), message.body.size());
  }
  gantry_request request{};
  request.struct_size = sizeof request;
  request.code = code;
  request.version = protocol::version::announced;
  request.fields = properties.data();
  request.field_count = static_cast<uint32_t>(properties.size());
  request.body = &slice;
  request.body_count = slice.buffer ? 1 : 0;
  const gantry_status asked = give(
      [&](gantry_completion done) { return send(request, done); },
      [this, then](const gantry_call& call, gantry_status status, const void* result) {
        Heard heard;
        if (status == GANTRY_OK) {
          heard.answer = static_cast<const gantry_response*>(result);
        } else {
          heard.why = call.error->text;
          if (heard.why.empty() && status == GANTRY_BUSY) heard.why = "no answer in time";
          if (heard.why.empty()) heard.why = "status " + std::to_string(status);
        }
        answers_ = heard.answer != nullptr;
        then(heard);
      });
  if (asked >= 0) return;
  answers_ = false;
  then({nullptr, asked == GANTRY_GONE ? "there is no such door" : "the request was refused"});
}

// A peer takes the body's reference over, a door of this node leaves it here.
gantry_status NameserverLink::send(const gantry_request& request, gantry_completion done) {
  const gantry_host* host = services_.host;
  const gantry_str to = sdk::str(address_.name);
  const uint64_t timeout_ms = options_.register_timeout_ms;
  if (!address_.is_door) {
    return services_.peers.request(host, to, &request, timeout_ms, done);
  }
  const gantry_status called = services_.requests.call(host, to, &request, timeout_ms, done);
  if (request.body_count > 0) services_.buffers.release(host, request.body[0].buffer);
  return called;
}

}  // namespace gantry::messaging
