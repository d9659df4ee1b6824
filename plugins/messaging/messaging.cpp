#include "messaging.hpp"

#include <atomic>
#include <string>

#include "administer.hpp"
#include "broker.hpp"
#include "offset_bounds.hpp"
#include "protocol/codes.hpp"
#include "request_body.hpp"
#include "system_topics.hpp"

namespace gantry::messaging {
namespace {

constexpr uint32_t timer_shard = 0;

}  // namespace

Messaging::Messaging(const gantry_host* host) : Module(host), options_(sdk::Host(host)) {}

Messaging::~Messaging() = default;

gantry_status Messaging::start(gantry_token) {
  options_.fit(host_);
  broker_ = std::make_unique<Broker>(
      host_.raw(), options_, host_.bind(GANTRY_CAP_METADATA_STORE),
      host_.bind(GANTRY_CAP_QUEUE_INDEX), host_.bind_if_offered(GANTRY_CAP_KEY_INDEX));
  broker_->catalog.load(system_topics(options_, broker_->node));
  broker_->catalog.announce_with([this](const auto& topics, auto then) {
    broker_->registration.announce(topics, std::move(then));
  });
  broker_->offset_store.load();
  arm_timers();
  return GANTRY_OK;
}

void Messaging::arm_timers() {
  const Services& services = broker_->services;
  const auto every = [&](uint32_t period_ms, void (*tick)(void*, const gantry_call*)) {
    gantry_token timer = 0;
    if (services.timer.every(services.host, timer_shard, period_ms, tick, broker_.get(), &timer) !=
        GANTRY_OK) {
      throw sdk::Refusal(GANTRY_FAULT, "no timer");
    }
    timers_.push_back(timer);
  };
  every(options_.register_interval_ms, [](void* broker, const gantry_call*) {
    static_cast<Broker*>(broker)->registration.refresh();
  });
  every(options_.client_scan_interval_ms, [](void* broker, const gantry_call* call) {
    static_cast<Broker*>(broker)->clients.close_silent(steady_ms(*call));
    static_cast<Broker*>(broker)->lock_table.sweep(steady_ms(*call));
  });
  every(options_.offset_flush_interval_ms, [](void* broker, const gantry_call*) {
    static_cast<Broker*>(broker)->offset_store.flush();
  });
}

void Messaging::cancel_timers() {
  for (const gantry_token timer : timers_) {
    static_cast<void>(broker_->services.timer.cancel(host_.raw(), timer));
  }
  timers_.clear();
}

gantry_status Messaging::quiesce(gantry_token) {
  cancel_timers();
  return GANTRY_OK;
}

void Messaging::resume() {
  arm_timers();
}

// Offsets become durable, filters are given back to their modules, and the nameservers hear that
// this broker goes.
gantry_status Messaging::drain(gantry_token drained) {
  cancel_timers();
  const auto missing = std::make_shared<std::atomic<int>>(3);
  const auto done = [this, drained, missing] {
    if (missing->fetch_sub(1) > 1) return;
    host_.raw()->complete(host_.raw(), drained, GANTRY_OK, nullptr);
  };
  broker_->filters.close(done);
  broker_->offset_store.close(done);
  broker_->registration.leave(done);
  return GANTRY_PENDING;
}

gantry_status Messaging::handle(const gantry_call& call, const gantry_request& request,
                                gantry_token token, uint32_t why) {
  namespace code = protocol::request_code;
  switch (request.code) {
    case code::send_message:
    case code::send_message_v2:
    case code::send_batch_message:
      return broker_->send.handle(call, request, token, why);
    case code::send_reply_message:
    case code::send_reply_message_v2:
      return broker_->replies.handle(call, request, token);
    case code::pull_message:
    case code::lite_pull_message:
      return broker_->pull.handle(call, request, token, why);
    case code::query_consumer_offset:
      return broker_->offsets.query(call, request, token);
    case code::update_consumer_offset:
      return broker_->offsets.update(call, request, token);
    case code::get_max_offset:
      return broker_->offsets.max(call, request, token);
    case code::get_min_offset:
      return broker_->offsets.min(call, request, token);
    case code::query_message:
      return broker_->finding.query(request, token);
    case code::view_message_by_id:
      return broker_->finding.view(request, token);
    case code::search_offset_by_timestamp:
      return broker_->finding.offset_at_time(request, token);
    case code::get_earliest_msg_storetime:
      return broker_->finding.earliest_time(request, token);
    case code::heart_beat:
      return broker_->clients.heartbeat(call, request, token, why);
    case code::unregister_client:
      return broker_->clients.unregister(call, request, token);
    case code::get_consumer_list_by_group:
      return broker_->clients.list(request, token);
    case code::check_client_config:
      return broker_->client_config.check(call, request, token, why);
    case code::lock_batch_mq:
      return broker_->locks.lock(call, request, token);
    case code::unlock_batch_mq:
      return broker_->locks.unlock(call, request, token);
    default:
      return administer(*broker_, call, request, token, why);
  }
}

void Messaging::session_closed(const gantry_call& call, gantry_session session) {
  broker_->pull.session_closed(call, session);
  broker_->clients.session_closed(call, session);
}

int64_t Messaging::position() {
  return broker_->services.commitlog.mark(host_.raw(), GANTRY_MARK_VISIBLE);
}

gantry_status Messaging::consume(const gantry_call& call, const gantry_batch& batch,
                                 uint32_t& consumed) {
  broker_->pull.wake(call, batch);
  consumed = batch.count;
  return GANTRY_OK;
}

void Messaging::live(int64_t) {
  bring_offsets_within_queues(broker_->services, broker_->queues, broker_->offset_table);
  broker_->registration.begin();
}

int64_t Messaging::persist(const gantry_call&, int64_t stable) {
  return stable;
}

void Messaging::truncate(int64_t) {}

}  // namespace gantry::messaging
