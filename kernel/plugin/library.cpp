#include "plugin/library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <charconv>

#include "base/clock.hpp"
#include "base/logging.hpp"
#include "plugin/check.hpp"
#include "plugin/guard.hpp"

namespace gantry::plugin {

struct Library::Mapping {
  boost::dll::shared_library library;
};

Library::Library(std::string file, const gantry_plugin* plugin, std::unique_ptr<Mapping> mapping)
    : file_(std::move(file)), plugin_(plugin), mapping_(std::move(mapping)) {}
Library::~Library() = default;

Outcome<std::unique_ptr<Library>> Library::load(const std::filesystem::path& file) {
  std::error_code missing;
  if (!std::filesystem::is_regular_file(file, missing)) {
    return fail(fmt::format("{}: there is no such library", file.string()));
  }
  auto mapping = std::make_unique<Mapping>();
  const SystemClock clock;
  const std::string name = file.string();
  Guard guard(name, "library", {}, clock, {});
  const GuardedCall guarded(guard, "load");  // its constructors run: a crash report names it
  boost::dll::fs::error_code error;
  mapping->library.load(std::filesystem::absolute(file), error,
                        boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    const char* why = dlerror();
    return fail(fmt::format("{}: cannot be loaded: {}", file.string(), why ? why : error.message()));
  }
  if (!mapping->library.has("gantry_plugin_v1")) {
    return fail(fmt::format("{}: exports no gantry_plugin_v1: it is no Gantry plugin, or built for "
                            "another ABI major",
                            file.string()));
  }
  const auto* plugin = &mapping->library.get<const gantry_plugin>("gantry_plugin_v1");
  if (Outcome<void> good = check_plugin(*plugin, file.string()); !good) return good.error();
  return std::unique_ptr<Library>(new Library(file.string(), plugin, std::move(mapping)));
}

Outcome<std::unique_ptr<Library>> Library::adopt(const gantry_plugin& plugin, std::string name) {
  if (Outcome<void> good = check_plugin(plugin, name); !good) return good.error();
  return std::unique_ptr<Library>(new Library(std::move(name), &plugin, nullptr));
}

std::vector<const gantry_module*> Library::modules() const {
  return {plugin_->modules, plugin_->modules + plugin_->module_count};
}

const gantry_module* Library::module_named(std::string_view name) const {
  for (const gantry_module* module : modules()) {
    if (name == module->name) return module;
  }
  return nullptr;
}

int revision_of(std::string_view id) {
  const size_t slash = id.rfind('/');
  const size_t dot = id.find('.');
  if (slash == std::string_view::npos || dot == std::string_view::npos || dot == 0 ||
      dot + 1 >= slash) {
    return -1;
  }
  const std::string_view digits = id.substr(slash + 1);
  int revision = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), revision);
  return error == std::errc() && end == digits.data() + digits.size() ? revision : -1;
}

}  // namespace gantry::plugin
