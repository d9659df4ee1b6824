#include "queue_table.hpp"

namespace gantry::store_file {
namespace {

auto place_of(const std::vector<std::unique_ptr<Queue>>& queues, int32_t id) {
  return std::lower_bound(queues.begin(), queues.end(), id,
                          [](const auto& queue, int32_t wanted) { return queue->id < wanted; });
}

}  // namespace

Queue* Topic::find(int32_t id) const {
  // Ids are dense as a rule: the queue is where its id says.
  const auto guess = static_cast<size_t>(id);
  if (guess < queues.size() && queues[guess]->id == id) return queues[guess].get();
  const auto place = place_of(queues, id);
  return place != queues.end() && (*place)->id == id ? place->get() : nullptr;
}

Queue& Topic::make(int32_t id) {
  return **queues.insert(place_of(queues, id), std::make_unique<Queue>(*this, id));
}

Topic& QueueTable::Stripe::make(std::string_view topic) {
  auto made = std::make_unique<Topic>(topic, guard);
  Topic& out = *made;
  order.push_back(&out);
  topics.emplace(out.name, std::move(made));
  return out;
}

void QueueTable::clear() {
  for (Stripe& stripe : stripes_) {
    const std::lock_guard lock(stripe.guard);
    stripe.order.clear();
    stripe.topics.clear();
  }
}

}  // namespace gantry::store_file
