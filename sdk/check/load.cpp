#include "check/load.hpp"

#include <gantry/cap/log_consumer.h>
#include <gantry/cap/request_handler.h>

#include <algorithm>
#include <iterator>

#include "cpp/fake/record.hpp"

namespace gantry::sdk::check {
namespace {

constexpr int requests_per_route = 6;
constexpr int records_count = 40;
constexpr uint64_t sessions_count = 3;

const gantry_request_handler* handler_of(const Rig& rig) {
  const gantry_offer* offer = rig.offer(GANTRY_CAP_REQUEST_HANDLER);
  return offer ? static_cast<const gantry_request_handler*>(offer->table) : nullptr;
}

}  // namespace

Load::Load(Rig& rig, uint64_t seed, bool wild) : rig_(rig), seed_(seed), words_(seed, wild) {
  add_records();
  add_requests();
  add_filters();
  add_functions();
  add_puts();
  add_codes();
  add_stores();
}

void Load::add(std::string what, std::function<void()> run, bool may_block) {
  stimuli_.push_back({std::move(what), may_block, std::move(run)});
}

void Load::run(size_t i) {
  words_.reseed(seed_ * 1'000'003 + i);
  try {
    stimuli_[i].run();
    rig_.host.run_until_idle();
  } catch (const Failed&) {
    throw;
  } catch (const std::exception& thrown) {
    throw Failed(stimuli_[i].what + ": " + thrown.what());
  }
}

void Load::run_all() {
  for (size_t i = 0; i < stimuli_.size(); ++i) run(i);
}

size_t Load::unanswered() const {
  return static_cast<size_t>(std::count_if(sent_.begin(), sent_.end(), [](const auto& exchange) {
    return exchange->answer && exchange->answer->remark == "the module has stopped";
  }));
}

void Load::add_requests() {
  const gantry_request_handler* handler = handler_of(rig_);
  if (!handler) return;
  for (int i = 0; i < requests_per_route; ++i)
    for (uint32_t j = 0; j < handler->route_count; ++j) {
      const gantry_route& route = *handler->routes[j];
      add("a request of code " + std::to_string(route.code), [this, &route] { send(route); });
    }
  add("a session that ends", [this] {
    fake::Request last;
    last.code = -1;  // of no route: opens the session
    last.session = sessions_count + 1;
    rig_.host.send(rig_.instance().name(), last);
    rig_.host.close_session(last.session);
  });
}

void Load::send(const gantry_route& route) {
  fake::Request request;
  request.code = route.code;
  request.session = 1 + words_.below(sessions_count);
  request.one_way = words_.one_in(10);
  request.fields = words_.fields();
  for (uint32_t i = 0; i < route.resource_count; ++i) {
    const auto has_name = [&](const auto& field) {
      return field.first == route.resources[i].field;
    };
    if (std::none_of(request.fields.begin(), request.fields.end(), has_name))
      request.fields.emplace_back(route.resources[i].field, words_.name());
  }
  request.body = words_.body();
  sent_.push_back(rig_.host.send(rig_.instance().name(), std::move(request)));
}

void Load::append_record(const std::string& topic) {
  fake::Message message;
  message.topic = topic.empty() ? "T" : topic.substr(0, fake::topic_bytes_max);
  message.body = words_.body();
  message.properties = words_.properties();
  message.queue_id = static_cast<int32_t>(words_.below(4));
  message.born_ms = words_.number();
  rig_.log.append_visible(message, rig_.host.clock().now_ms());
}

void Load::add_records() {
  const bool consumes = rig_.offer(GANTRY_CAP_LOG_CONSUMER) != nullptr;
  for (int i = 0; i < records_count; ++i)
    add("a record of the log", [this] { append_record(words_.name()); });
  if (!consumes) return;
  constexpr bool may_block = true;
  add(
      "log_consumer.persist", [this] { rig_.host.persist(rig_.instance()); }, may_block);
  const auto cut = [this] {
    const auto all = rig_.log.records(rig_.log.begin(), rig_.log.end());
    rig_.host.truncate(all.back().log_offset);
  };
  add("log_consumer.truncate", cut, may_block);
  add("a record behind the cut", [this] { append_record("TopicA"); });
}

}  // namespace gantry::sdk::check
