#include "registration.hpp"

#include <algorithm>
#include <utility>

#include "job.hpp"

namespace gantry::messaging {
namespace {

// The send that made a topic waits for its registration, so that whoever it tells finds a route;
// not for longer than a person would notice.
constexpr uint64_t announce_wait_ms_max = 500;

// Runs `then` once: when it has been arrived at so many times, or when it is over.
class Gathering {
 public:
  Gathering(size_t missing, std::function<void()> then)
      : missing_(missing), then_(std::move(then)) {}

  void arrive() {
    if (missing_.fetch_sub(1) == 1) over();
  }
  void over() {
    if (!over_.exchange(true)) then_();
  }

 private:
  std::atomic<size_t> missing_;
  std::atomic<bool> over_ = false;
  const std::function<void()> then_;
};

}  // namespace

Registration::Registration(const Services& services, const Options& options, const Node& node,
                           const Catalog& catalog)
    : services_(services), options_(options), announcement_(options, node, catalog) {
  for (const NameserverAddress& address : options.nameservers) {
    links_.push_back(std::make_unique<NameserverLink>(services, options, announcement_, address));
  }
}

void Registration::begin() {
  open_ = true;
  refresh();
}

void Registration::refresh() {
  if (!open_) return;
  for (const auto& link : links_) link->tell_all([] {});
}

void Registration::announce(const std::vector<Topic>& topics, std::function<void()> then) {
  if (!open_) return then();
  // One more than there are links, so that it isn't over before all were asked.
  const auto gathering = std::make_shared<Gathering>(links_.size() + 1, std::move(then));
  for (const auto& link : links_) {
    const bool waits = link->answers();
    link->tell(topics, [gathering, waits] {
      if (waits) gathering->arrive();
    });
    if (!waits) gathering->arrive();
  }
  gathering->arrive();
  if (links_.empty()) return;
  const uint64_t wait_ms = std::min<uint64_t>(options_.register_timeout_ms, announce_wait_ms_max);
  const gantry_status armed = give(
      [&](gantry_completion due) {
        return services_.timer.arm(services_.host, 0, wait_ms, due, nullptr);
      },
      [gathering](const gantry_call&, gantry_status, const void*) { gathering->over(); });
  if (armed < 0) gathering->over();
}

void Registration::leave(std::function<void()> then) {
  if (!open_.exchange(false)) return then();
  const auto gathering = std::make_shared<Gathering>(links_.size() + 1, std::move(then));
  for (const auto& link : links_) link->leave([gathering] { gathering->arrive(); });
  gathering->arrive();
}

}  // namespace gantry::messaging
