// Roster: every instance the configuration asks for, and for each that doesn't run, why. Filled by
// PluginHost on the control thread while the node starts; read from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::plugin {

class Instance;

class Roster {
 public:
  struct Entry {
    std::string name;     // of the instance, as configured
    std::string module;
    std::string plugin;   // the library's id
    std::string version;
    std::string library;  // empty, with plugin and version: none that was loaded has the module
    std::string trouble;  // why it does not run
    bool required = false;
    bool left_out = false;  // it crashed too often: this start goes without it
    const Instance* instance = nullptr;  // null: it was not made
  };

  void add(Entry entry);
  bool has_module(std::string_view module) const;
  // What becomes of the instance of this name. Names that aren't there are ignored.
  void made(std::string_view name, const Instance& instance);
  void trouble(std::string_view name, std::string why);

  uint32_t count() const;
  // False: there are fewer.
  bool at(uint32_t index, Entry& out) const;

 private:
  Entry* find(std::string_view name);  // locked

  mutable std::mutex mutex_;  // guards entries_; a leaf lock
  std::vector<Entry> entries_;
};

}  // namespace gantry::plugin
