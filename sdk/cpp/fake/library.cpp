#include "cpp/fake/library.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace gantry::sdk::fake {

Library::Library(const std::string& path) : handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (!handle_) throw std::runtime_error("cannot open " + path + ": " + dlerror());
  plugin_ = static_cast<const gantry_plugin*>(dlsym(handle_, "gantry_plugin_v1"));
  if (!plugin_) {
    dlclose(handle_);
    throw std::runtime_error(path + " exports no gantry_plugin_v1");
  }
}

Library::~Library() {
  dlclose(handle_);
}

}  // namespace gantry::sdk::fake
