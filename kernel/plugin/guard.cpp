#include "plugin/guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/logging.hpp"

namespace gantry::plugin {
namespace {

// After a slow call the next ones are timed too: is it so each time?
constexpr int32_t close_looks = 64;

bool is_fault(gantry_status status) {
  return status == GANTRY_FAULT || status < GANTRY_FAULT || status > GANTRY_PENDING;
}

}  // namespace

uint64_t CallCount::total() const {
  uint64_t sum = others_.load(std::memory_order_relaxed);
  for (const Cell& cell : cells_) sum += cell.count.load(std::memory_order_relaxed);
  return sum;
}

Guard::Guard(std::string_view of_instance, std::string_view of_capability, GuardPolicy policy,
             const Clock& clock, FailNode fail_node)
    : instance(of_instance), capability(of_capability), policy_(policy), clock_(clock),
      fail_node_(std::move(fail_node)), pause_ns_(policy.pause_ns) {}

uint64_t Guard::attend(bool sampled) {
  const uint32_t attention = attention_.load(std::memory_order_acquire);
  const uint64_t now = clock_.now_ns();
  if ((attention & stopped_bit) || ((attention & trip_bit) && !let_in(now))) {
    turned_away_.fetch_add(1, std::memory_order_relaxed);
    return turned_away;
  }
  const bool timed = sampled || (attention_.load(std::memory_order_relaxed) & look_bit);
  return timed ? std::max(now, untimed + 1) : untimed;
}

void Guard::ended(uint64_t admitted, gantry_status status, const char* text) {
  if (admitted > untimed) timed(clock_.now_ns() - admitted);
  if (status < GANTRY_OK || is_fault(status)) return failed(status, text);
  if (attention_.load(std::memory_order_relaxed) & worried_bit) went_well();
}

// While tripped. One call at a time finds out whether it works again.
bool Guard::let_in(uint64_t now) {
  const std::lock_guard lock(mutex_);
  if (!tripped()) return true;
  if (now < tripped_until_) return false;
  probing_ = true;
  tripped_until_ = now + pause_ns_;  // should it never return
  attention_.fetch_or(worried_bit, std::memory_order_relaxed);
  look_closer();
  return true;
}

void Guard::look_closer() {
  close_looks_.store(close_looks, std::memory_order_relaxed);
  attention_.fetch_or(look_bit, std::memory_order_relaxed);
}

void Guard::timed(uint64_t ns) {
  times_.add(ns);
  uint64_t longest = longest_ns_.load(std::memory_order_relaxed);
  while (ns > longest && !longest_ns_.compare_exchange_weak(longest, ns)) {
  }
  if ((attention_.load(std::memory_order_relaxed) & look_bit) &&
      close_looks_.fetch_sub(1, std::memory_order_relaxed) <= 1) {
    attention_.fetch_and(~look_bit, std::memory_order_relaxed);
  }
  if (runtime::current_shard() == runtime::no_shard) return;  // elsewhere a call may take its time
  if (policy_.budget_ns != 0 && ns > policy_.budget_ns) {
    look_closer();
    const uint64_t times = over_budget_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (std::has_single_bit(times)) {
      logging::warn("plugin", "{}: a call of {} took {} us, its budget is {} us; {} so far", instance,
                    capability, ns / 1000, policy_.budget_ns / 1000, times);
    }
  }
  if (policy_.limit_ns == 0) return;
  if (ns > policy_.limit_ns) return over_limit(ns, "took");
  if (attention_.load(std::memory_order_relaxed) & worried_bit) {
    const std::lock_guard lock(mutex_);
    slow_in_row_ = 0;
  }
}

void Guard::still_running(uint64_t ns) {
  if (policy_.limit_ns != 0 && ns > policy_.limit_ns) over_limit(ns, "has been running for");
}

void Guard::over_limit(uint64_t ns, const char* how) {
  over_limit_.fetch_add(1, std::memory_order_relaxed);
  look_closer();
  const std::string what = fmt::format("a call {} {} us, the limit is {} us", how, ns / 1000,
                                       policy_.limit_ns / 1000);
  note(what);
  const std::lock_guard lock(mutex_);
  attention_.fetch_or(worried_bit, std::memory_order_relaxed);
  if (policy_.faults_max != 0 && (++slow_in_row_ >= policy_.faults_max || probing_)) trip(what);
}

void Guard::failed(gantry_status status, const char* text) {
  if (!is_fault(status)) {
    refusals_.fetch_add(1, std::memory_order_relaxed);
    if (attention_.load(std::memory_order_relaxed) & worried_bit) went_well();
    return;
  }
  faults_.fetch_add(1, std::memory_order_relaxed);
  const std::string what = text && *text ? text : fmt::format("status {}", status);
  note(what);
  const std::lock_guard lock(mutex_);
  attention_.fetch_or(worried_bit, std::memory_order_relaxed);
  if (policy_.faults_max != 0 && (++faults_in_row_ >= policy_.faults_max || probing_)) trip(what);
}

void Guard::went_well() {
  const std::lock_guard lock(mutex_);
  faults_in_row_ = 0;
  if (slow_in_row_ == 0) attention_.fetch_and(~worried_bit, std::memory_order_relaxed);
  if (!probing_ || slow_in_row_ != 0) return;
  probing_ = false;
  pause_ns_ = policy_.pause_ns;
  attention_.fetch_and(~trip_bit, std::memory_order_relaxed);
  logging::info("plugin", "{}: {} works again", instance, capability);
}

void Guard::note(std::string_view what) {
  const std::lock_guard lock(mutex_);
  last_fault_ = what;
  last_fault_ms_ = clock_.now_ms();
}

// Under the lock. A call that was let in to see and failed makes the next pause longer.
void Guard::trip(const std::string& why) {
  if (tripped() && !probing_) return;  // by another thread
  if (probing_) pause_ns_ = std::min(pause_ns_ * 2, pause_ns_max);
  probing_ = false;
  faults_in_row_ = slow_in_row_ = 0;
  tripped_until_ = clock_.now_ns() + pause_ns_;
  attention_.fetch_or(trip_bit, std::memory_order_relaxed);
  trips_.fetch_add(1, std::memory_order_relaxed);
  const std::string text =
      fmt::format("{}: {} is not called for {} ms: {}", instance, capability,
                  pause_ns_ / 1'000'000, why);
  logging::error("plugin", "{}", text);
  if (policy_.on_fault == OnCallFault::fail_node && fail_node_) fail_node_(text);
}

Guard::Figures Guard::figures() const {
  Figures out{};
  out.calls = calls_.total() - turned_away_.load(std::memory_order_relaxed);
  out.faults = faults_.load(std::memory_order_relaxed);
  out.refusals = refusals_.load(std::memory_order_relaxed);
  out.turned_away = turned_away_.load(std::memory_order_relaxed);
  out.over_budget = over_budget_.load(std::memory_order_relaxed);
  out.over_limit = over_limit_.load(std::memory_order_relaxed);
  out.trips = trips_.load(std::memory_order_relaxed);
  out.p50_ns = times_.quantile(0.5);
  out.p99_ns = times_.quantile(0.99);
  out.p999_ns = times_.quantile(0.999);
  out.max_ns = longest_ns_.load(std::memory_order_relaxed);
  out.tripped = tripped();
  const std::lock_guard lock(mutex_);
  out.last_fault = last_fault_;
  out.last_fault_ms = last_fault_ms_;
  return out;
}

}  // namespace gantry::plugin
