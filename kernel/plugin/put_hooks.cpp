#include "plugin/put_hooks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "plugin/record_views.hpp"

namespace gantry::plugin {
namespace {

using Offers = std::vector<PutChain::Offer>;

Offers running_offers(const Directory& directory) {
  Offers found;
  for (Instance* instance : directory.instances()) {
    if (!instance->running()) continue;
    for (uint32_t i = 0; i < instance->module().offer_count; ++i) {
      const gantry_offer* offer = instance->module().offers[i];
      if (std::string_view(offer->id) == GANTRY_CAP_PUT_HOOK) found.emplace_back(instance, offer);
    }
  }
  return found;
}

bool runs_after(const PutChain::Offer& one, const PutChain::Offer& other) {
  if (!one.second->after || one.first == other.first) return false;
  for (const char* const* name = one.second->after; *name; ++name) {
    if (other.first->name() == *name || other.first->offer(*name, "")) return true;
  }
  return false;
}

// Again and again the first that runs behind nobody left.
Outcome<Offers> in_order(Offers left) {
  Offers ordered;
  while (!left.empty()) {
    const auto next = std::find_if(left.begin(), left.end(), [&](const PutChain::Offer& one) {
      return std::none_of(left.begin(), left.end(),
                          [&](const PutChain::Offer& other) { return runs_after(one, other); });
    });
    if (next == left.end()) {
      return fail(fmt::format("put hooks run behind one another in a circle: {} and {}",
                              left.front().first->name(), left.back().first->name()));
    }
    ordered.push_back(*next);
    left.erase(next);
  }
  return Outcome<Offers>(boost::system::in_place_value, std::move(ordered));
}

}  // namespace

PutChain::PutChain(Directory& directory, const std::vector<Offer>& offers, uint64_t body_bytes_max,
                   const Clock& clock)
    : hooks_(offers.size()), body_bytes_max_(body_bytes_max), clock_(clock) {
  for (size_t i = 0; i < offers.size(); ++i) {
    const auto& [instance, offer] = offers[i];
    PutHook& hook = hooks_[i];
    hook.binding = &directory.bind(*instance, *offer);
    hook.target = instance;
    hook.guard = hook.binding->guard;
    hook.instance = instance->self();
    hook.table = static_cast<const gantry_put_hook*>(offer->table);
    const uint64_t bit = uint64_t{1} << i;
    all_ |= bit;
    if (hook.table->when_count == 0) always_ |= bit;
    for (uint32_t name = 0; name < hook.table->when_count; ++name) {
      names_.add(view(hook.table->when[name]), bit);
    }
  }
}

PutChain::Look PutChain::look_at_each(const gantry_put& put) const {
  uint64_t hooks = always_;
  bool zero_free = true;
  for (uint32_t i = 0; i < put.count; ++i) {
    if (hooks == all_) return {hooks, PropertyTexts::unknown};
    const PropertyNames::Look one = names_.look(view(record_at(put, i).property_text));
    hooks |= one.bits;
    zero_free &= one.zero_free;
  }
  return {hooks, known(zero_free)};
}

Outcome<void> PutHooks::resolve(Directory& directory, uint64_t body_bytes_max,
                                const Clock& clock) {
  Outcome<Offers> offers = in_order(running_offers(directory));
  if (!offers) return offers.error();
  if (offers->empty()) return {};
  if (offers->size() > PutChain::hooks_max) {
    return fail(fmt::format("{}: {} are offered, at most {}", GANTRY_CAP_PUT_HOOK, offers->size(),
                            PutChain::hooks_max));
  }
  owned_ = std::make_unique<const PutChain>(directory, *offers, body_bytes_max, clock);
  chain_.store(owned_.get(), std::memory_order_release);
  return {};
}

}  // namespace gantry::plugin
