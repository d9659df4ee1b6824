#include "cpp/fake/index_codes.hpp"

#include <stdexcept>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {

void IndexCodes::add(const Claim& claim) {
  for (uint32_t i = 0; i < claim.table->topic_count; ++i) {
    const std::string topic(view(claim.table->topics[i]));
    const auto [at, fresh] = claims_.emplace(topic, claim);
    if (!fresh && at->second.self != claim.self)
      throw std::runtime_error(std::string(GANTRY_CAP_INDEX_CODE) + ": topic " + topic +
                               " is claimed by " + at->second.name + " and by " + claim.name);
  }
}

void IndexCodes::start() {
  claims_.clear();
  for (const InstanceState& instance : core_.instances) {
    if (!instance.running) continue;
    for (uint32_t i = 0; i < instance.module->offer_count; ++i) {
      const gantry_offer& offer = *instance.module->offers[i];
      if (std::string_view(offer.id) == GANTRY_CAP_INDEX_CODE)
        add({instance.name, instance.self, static_cast<const gantry_index_code*>(offer.table)});
    }
  }
  for (const FakeOffer& offer : core_.offers)
    if (offer.id == GANTRY_CAP_INDEX_CODE)
      add({offer.name, offer.self, static_cast<const gantry_index_code*>(offer.table)});
}

void IndexCodes::apply(const gantry_call& call, std::span<gantry_message> records) const {
  for (gantry_message& record : records) {
    const auto claim = claims_.find(view(record.topic));
    if (claim == claims_.end()) continue;
    record.tag_code = claim->second.table->code(claim->second.self, &call, &record);
  }
}

}  // namespace gantry::sdk::fake
