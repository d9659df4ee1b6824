// Library: a plugin's shared object, opened as the real host opens it: all symbols bound at once,
// none visible to others. Keep it alive longer than the Host that loads from it.
#pragma once

#include <gantry/plugin.h>

#include <string>

namespace gantry::sdk::fake {

class Library {
 public:
  explicit Library(const std::string& path);  // throws std::runtime_error naming file and reason
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  const gantry_plugin& plugin() const { return *plugin_; }

 private:
  void* handle_ = nullptr;
  const gantry_plugin* plugin_ = nullptr;
};

}  // namespace gantry::sdk::fake
