// Announcement: what this broker says of itself to a nameserver: the fields of 103, 104 and 322 and
// the bodies of the first and last. Owned by the Registration; constant, any thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog.hpp"
#include "options.hpp"

namespace gantry::messaging {

class Announcement {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  // How the body of 103 travels.
  struct Form {
    bool leaves_process = false;  // else nothing can damage it, and it is neither packed nor summed
    bool compressed = false;
  };
  struct Message {
    Fields fields;
    std::string body;
  };

  Announcement(const Options& options, const Node& node, const Catalog& catalog)
      : options_(options), node_(node), catalog_(catalog) {}

  // 103 with these topics as they are now, or all of them.
  Message registration(const std::set<std::string>& topics, Form form) const;
  Message registration_of_all(Form form) const;
  // 322: the version of all topics.
  Message query() const;
  // 104
  Message farewell() const { return {identity(), {}}; }

 private:
  Fields identity() const;
  Message registration(const protocol::RegisterBrokerBody& body, Form form) const;
  void add(protocol::RegisterBrokerBody& body, const Topic& topic) const;

  const Options& options_;
  const Node& node_;
  const Catalog& catalog_;
};

}  // namespace gantry::messaging
