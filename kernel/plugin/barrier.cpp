#include "plugin/barrier.hpp"

#include <exception>
#include <string>

#include "plugin/views.hpp"

namespace gantry::plugin {

gantry_status thrown(gantry_error* error) noexcept {
  try {
    throw;
  } catch (const std::exception& caught) {
    return tell(error, GANTRY_FAULT, 0, std::string("it threw: ") + caught.what());
  } catch (...) {
    return tell(error, GANTRY_FAULT, 0, "it threw something that is no std::exception");
  }
}

}  // namespace gantry::plugin
