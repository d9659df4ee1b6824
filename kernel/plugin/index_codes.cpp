#include "plugin/index_codes.hpp"

#include <fmt/format.h>

#include <optional>

#include "plugin/barrier.hpp"
#include "plugin/record_views.hpp"

namespace gantry::plugin {

Outcome<void> IndexCodes::add(Directory& directory, Instance& instance,
                              const gantry_offer& offer) {
  const auto* table = static_cast<const gantry_index_code*>(offer.table);
  for (uint32_t i = 0; i < table->topic_count; ++i) {
    const std::string_view topic = view(table->topics[i]);
    const auto [claim, added] =
        claims_.try_emplace(topic, Claim{&directory.bind(instance, offer), table});
    if (!added && claim->second.binding->target != &instance) {
      return fail(fmt::format("{}: topic {} is claimed by {} and by {}", GANTRY_CAP_INDEX_CODE,
                              topic, claim->second.binding->target->name(), instance.name()));
    }
  }
  return {};
}

Outcome<void> IndexCodes::collect(Directory& directory, Of of) {
  for (Instance* instance : directory.instances()) {
    if (of == Of::running && !instance->running()) continue;
    for (uint32_t i = 0; i < instance->module().offer_count; ++i) {
      const gantry_offer& offer = *instance->module().offers[i];
      if (std::string_view(offer.id) != GANTRY_CAP_INDEX_CODE) continue;
      if (Outcome<void> added = add(directory, *instance, offer); !added) return added.error();
    }
  }
  return {};
}

std::map<std::string, std::string> IndexCodes::owners() const {
  std::map<std::string, std::string> out;
  for (const auto& [topic, claim] : claims_) out.emplace(topic, claim.binding->target->name());
  return out;
}

// The node ends consumers before it stops modules: who claimed a topic runs as long as its records
// are asked about.
void IndexCodes::apply(std::span<commitlog::RecordView> records) {
  std::optional<ThreadCall> call;
  for (commitlog::RecordView& record : records) {
    const auto claim = claims_.find(record.topic.view());
    if (claim == claims_.end()) continue;
    if (!call) call.emplace(clock_);
    const auto& [binding, table] = claim->second;
    gantry_message message;
    fill(record, nullptr, message);
    GuardedCall guarded(*binding->guard, "code");
    gantry_error* const error = call->get()->error;
    const gantry_status status = contained_void(error, [&] {
      record.tag_code = table->code(binding->target->self(), call->get(), &message);
    });
    guarded.came_to(status, error->text);
  }
}

}  // namespace gantry::plugin
