// Bindings: what the operator's [[plugins.filter_lua.bind]] tables say. Immutable; any thread.
//
// One binding is found for a topic and a group: the one that names both, else the topic, else the
// group, else the one for everything. A later table for the same two is an error.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/host.hpp"

namespace gantry::filter_lua {

class Bindings {
 public:
  // Throws sdk::Refusal, which names key and value.
  explicit Bindings(const sdk::Host& host);

  // The expression bound to reads of the group from the topic; it lives as long as this.
  std::optional<std::string_view> find(std::string_view topic, std::string_view group) const;
  const std::vector<std::string>& scripts() const { return scripts_; }  // each once

 private:
  using Groups = std::map<std::string, std::string, std::less<>>;
  const std::string* find(const Groups& groups, std::string_view group) const;

  std::map<std::string, Groups, std::less<>> topics_;
  std::vector<std::string> scripts_;
};

}  // namespace gantry::filter_lua
