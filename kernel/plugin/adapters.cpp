#include "plugin/adapters.hpp"

#include <fmt/format.h>

#include "base/logging.hpp"
#include "plugin/barrier.hpp"
#include "plugin/record_views.hpp"
#include "plugin/request_views.hpp"

namespace gantry::plugin {
namespace {

dispatch::Route route_of(const gantry_route& route) {
  dispatch::Route out;
  out.code = route.code;
  out.fallback = (route.flags & GANTRY_ROUTE_FALLBACK) != 0;
  out.access = route.access > GANTRY_ACCESS_SELF ? dispatch::Access::admin
                                                 : static_cast<dispatch::Access>(route.access);
  for (uint32_t i = 0; i < route.resource_count; ++i) {
    const gantry_resource& resource = route.resources[i];
    out.resources.push_back({resource.field, resource.kind, resource.action});
  }
  return out;
}

// A call that answers nothing: what it throws is counted, and logged here.
template <class F>
void tell_of(Guard& guard, const char* what, F&& call) {
  gantry_error error = empty_error();
  GuardedCall guarded(guard, what);
  if (guarded.came_to(contained_void(&error, call), error.text) == GANTRY_OK) return;
  logging::error("plugin", "{}: {} of {} failed: {}", guard.instance, what, guard.capability,
                 error.text);
}

}  // namespace

HandlerAdapter::HandlerAdapter(Instance& instance, const gantry_offer& offer)
    : instance_(instance), guard_(instance.guard(offer)),
      table_(*static_cast<const gantry_request_handler*>(offer.table)) {
  for (uint32_t i = 0; i < table_.route_count; ++i) routes_.push_back(route_of(*table_.routes[i]));
}

dispatch::Status HandlerAdapter::handle(dispatch::Call& call, const dispatch::Request& request,
                                        Token token, dispatch::Why why) {
  const LentRequest lent(request);
  const CallFrame frame(call);
  GuardedCall guarded(guard_, "handle");
  gantry_error* const error = frame.get()->error;
  const gantry_status status = contained(error, [&] {
    return table_.handle(instance_.self(), frame.get(), lent.get(), token.value,
                         static_cast<uint32_t>(why));
  });
  return status_of(guarded.came_to(status, error->text));
}

void HandlerAdapter::session_closed(dispatch::Call& call, SessionId session) {
  const CallFrame frame(call);
  tell_of(guard_, "session_closed", [&] {
    table_.session_closed(instance_.self(), frame.get(), session.value);
  });
}

ConsumerAdapter::ConsumerAdapter(Instance& instance, const gantry_offer& offer,
                                 dispatch::ConsumerPolicy policy)
    : instance_(instance), guard_(instance.guard(offer)), offer_(offer),
      table_(*static_cast<const gantry_log_consumer*>(offer.table)), policy_(policy) {}

bool ConsumerAdapter::runs_after(const dispatch::LogConsumer& other) const {
  if (!offer_.after) return false;
  for (const char* const* name = offer_.after; *name; ++name) {
    if (other.is_called(*name)) return true;
  }
  return false;
}

bool ConsumerAdapter::is_called(std::string_view id_or_name) const {
  return id_or_name == instance_.name() || instance_.offer(id_or_name, "") != nullptr;
}

Failure ConsumerAdapter::refuse(const char* what, gantry_status status,
                                const gantry_error& error) const {
  return fail(fmt::format("{}: {} failed with status {}: {}", name(), what, status,
                          error.text[0] ? error.text : "no reason given"));
}

Outcome<int64_t> ConsumerAdapter::position() {
  gantry_error error = empty_error();
  int64_t position = 0;
  GuardedCall guarded(guard_, "position");
  const gantry_status status = guarded.came_to(
      contained(&error, [&] { return table_.position(instance_.self(), &position, &error); }),
      error.text);
  if (status != GANTRY_OK) return refuse("position", status, error);
  return position;
}

dispatch::Status ConsumerAdapter::consume(dispatch::Call& call,
                                          std::span<const commitlog::RecordView> records,
                                          uint32_t& consumed) {
  messages_.resize(records.size());
  for (size_t i = 0; i < records.size(); ++i) fill(records[i], nullptr, messages_[i]);
  const gantry_batch batch{sizeof batch, sizeof(gantry_message),
                           static_cast<uint32_t>(messages_.size()), 0, messages_.data()};
  const CallFrame frame(call);
  gantry_error* const error = frame.get()->error;
  GuardedCall guarded(guard_, "consume");
  gantry_status status = contained(error, [&] {
    return table_.consume(instance_.self(), frame.get(), &batch, &consumed);
  });
  if (consumed > batch.count) {  // who can't count may have missed any of them
    const std::string wrong =
        fmt::format("it counts {} records consumed of {}", consumed, batch.count);
    status = tell(error, GANTRY_FAULT, 0, wrong);
    consumed = 0;
  }
  return status_of(guarded.came_to(status, error->text));
}

dispatch::Status ConsumerAdapter::persist(dispatch::Call& call, int64_t stable,
                                          int64_t& persisted) {
  const CallFrame frame(call);
  gantry_error* const error = frame.get()->error;
  GuardedCall guarded(guard_, "persist");
  const gantry_status status = contained(error, [&] {
    return table_.persist(instance_.self(), frame.get(), stable, &persisted);
  });
  return status_of(guarded.came_to(status, error->text));
}

void ConsumerAdapter::live(int64_t log_offset) {
  tell_of(guard_, "live", [&] { table_.live(instance_.self(), log_offset); });
}

Outcome<void> ConsumerAdapter::truncate(int64_t log_offset) {
  gantry_error error = empty_error();
  GuardedCall guarded(guard_, "truncate");
  const gantry_status status = guarded.came_to(
      contained(&error, [&] { return table_.truncate(instance_.self(), log_offset, &error); }),
      error.text);
  if (status != GANTRY_OK) return refuse("truncate", status, error);
  return {};
}

void ConsumerAdapter::trimmed(dispatch::Call& call, int64_t min_log_offset) {
  const CallFrame frame(call);
  tell_of(guard_, "trimmed",
          [&] { table_.trimmed(instance_.self(), frame.get(), min_log_offset); });
}

ErrorCode IndexNumbers::next(void* self, Text topic, int32_t queue_id, QueueOffset& next) {
  auto& numbers = *static_cast<IndexNumbers*>(self);
  gantry_lease lease{};
  if (!numbers.binding_.enter(lease, "bounds")) return make_error_code(commitlog::Errc::no_numbers);
  const auto& index = *static_cast<const gantry_queue_index*>(lease.table);
  const ThreadCall call(numbers.clock_);
  gantry_queue_bounds bounds{};
  gantry_error* const error = call.get()->error;
  const gantry_status status = contained(error, [&] {
    return index.bounds(lease.instance, call.get(), str(topic), queue_id, &bounds);
  });
  numbers.binding_.leave(status, error->text);
  if (status != GANTRY_OK && status != GANTRY_GONE) {
    return make_error_code(commitlog::Errc::no_numbers);
  }
  next = QueueOffset(status == GANTRY_OK ? bounds.max : 0);
  return {};
}

}  // namespace gantry::plugin
