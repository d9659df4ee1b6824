#include <map>
#include <string>

#include "check.hpp"
#include "protocol/properties.hpp"
#include "targets.hpp"

namespace gantry::protocol::fuzz {

int properties(std::string_view bytes) {
  std::map<std::string, std::string, std::less<>> all;
  for (const auto& [name, value] : Properties(bytes)) {
    check(!name.empty() && !value.empty());
    all[std::string(name)] = value;
  }
  for (const auto& [name, value] : all) check(find_property(bytes, name) == value);
  check(!find_property(bytes, ""));
  if (all.empty()) return 0;

  const std::string first = all.begin()->first;
  std::string edited(bytes);
  check(erase_property(edited, first));
  check(!find_property(edited, first));
  set_property(edited, first, "new");
  check(find_property(edited, first) == "new");
  for (const auto& [name, value] : all) {
    if (name != first) check(find_property(edited, name) == value);
  }
  return 0;
}

}  // namespace gantry::protocol::fuzz
