#include "functions.hpp"

#include <vector>

namespace gantry::filter_sql92 {

void Functions::bind(const sdk::Host& host) {
  capabilities_ = &host.service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES);
  std::vector<gantry_str> names(
      capabilities_->list(host.raw(), GANTRY_CAP_FUNCTION, nullptr, 0));
  const auto count = static_cast<uint32_t>(names.size());
  capabilities_->list(host.raw(), GANTRY_CAP_FUNCTION, names.data(), count);
  for (const gantry_str name : names) {
    if (gantry_binding* binding = host.bind_if_offered(GANTRY_CAP_FUNCTION, sdk::view(name)))
      bindings_.emplace(sdk::view(name), binding);
  }
}

std::string Functions::names() const {
  std::string all;
  for (const auto& [name, binding] : bindings_) all += (all.empty() ? "" : ", ") + name;
  return all;
}

Prepared Functions::prepare(const gantry_call& call, std::string_view name,
                            std::span<const gantry_value> constants) const {
  const auto& [own_name, binding] = *bindings_.find(name);
  sdk::Lease<gantry_function> function(*capabilities_, binding, &call);
  if (!function) throw sdk::Refusal(GANTRY_REFUSED, "the function " + own_name + " does not run");
  gantry_prepared* prepared = nullptr;
  const gantry_status status = function.end(
      function->prepare(function.self(), &call, constants.data(),
                        static_cast<uint32_t>(constants.size()), &prepared));
  if (status != GANTRY_OK) throw sdk::Refusal(status < 0 ? status : GANTRY_FAULT, call.error->text);
  if (!prepared) throw sdk::Refusal(GANTRY_FAULT, "the function " + own_name + " prepared nothing");
  return Prepared(*capabilities_, binding, own_name, function.generation(),
                  function.operator->(), prepared);
}

gantry_status Prepared::invoke(const gantry_call& call, const gantry_message& message,
                               std::span<const gantry_value> arguments, gantry_value& out) const {
  sdk::Lease<gantry_function> function(*capabilities_, binding_, &call);
  if (!function) throw sdk::Refusal(GANTRY_REFUSED, "the function " + *name_ + " does not run");
  if (function.generation() != generation_) {
    throw sdk::Refusal(GANTRY_REFUSED,
                       "the function " + *name_ + " was reloaded since the expression was compiled");
  }
  return function.end(function->invoke(prepared_.get(), &call, &message, arguments.data(),
                                       static_cast<uint32_t>(arguments.size()), &out));
}

}  // namespace gantry::filter_sql92
