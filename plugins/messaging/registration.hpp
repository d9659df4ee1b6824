// Registration: tells the nameservers which topics this broker serves, every so often and at each
// change. Each has a link of its own, so one that is down holds nobody up. Owned by the Broker; its
// calls may come from any thread; starts with live(), ends with leave().
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "announcement.hpp"
#include "nameserver_link.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Registration {
 public:
  Registration(const Services& services, const Options& options, const Node& node,
               const Catalog& catalog);

  // From now on changes are announced. Registers everything.
  void begin();
  // Everything this broker serves. [any]
  void refresh();
  // Some topics; then() follows once every nameserver that answered the last time has done so
  // again, and soon in any case: the next refresh makes up for what went wrong. [any]
  void announce(const std::vector<Topic>& topics, std::function<void()> then);
  // Takes this broker out of the routes; then() follows when all have answered or were too slow.
  // Nothing is announced any more.
  void leave(std::function<void()> then);

 private:
  const Services& services_;
  const Options& options_;
  const Announcement announcement_;
  std::vector<std::unique_ptr<NameserverLink>> links_;
  std::atomic<bool> open_ = false;
};

}  // namespace gantry::messaging
