// Registration: tells the nameservers which topics this broker serves, every so often and at each
// change, through doors of this node. Owned by the Broker; its calls may come from any thread;
// starts with live(), ends with leave().
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "catalog.hpp"
#include "options.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Registration {
 public:
  Registration(const Services& services, const Options& options, const Node& node,
               const Catalog& catalog)
      : services_(services), options_(options), node_(node), catalog_(catalog) {}

  // From now on changes are announced. Registers everything.
  void begin();
  // Everything this broker serves. [any]
  void refresh();
  // Some topics; then() follows once every nameserver has answered or was too slow, which is only
  // logged: the next refresh makes up for it. [any]
  void announce(const std::vector<Topic>& topics, std::function<void()> then);
  // Takes this broker out of the routes; then() as above. Nothing is announced any more.
  void leave(std::function<void()> then);

 private:
  using Entries = std::vector<std::pair<std::string_view, std::string>>;
  std::string body(const CatalogSnapshot& snapshot, const std::vector<Topic>* only) const;
  void tell_all(int32_t code, const std::string& body, std::function<void()> then);
  void tell(const std::string& door, int32_t code, const std::string& body,
            std::function<void()> then);
  Entries fields(int32_t code) const;

  const Services& services_;
  const Options& options_;
  const Node& node_;
  const Catalog& catalog_;
  std::atomic<bool> open_ = false;
};

}  // namespace gantry::messaging
