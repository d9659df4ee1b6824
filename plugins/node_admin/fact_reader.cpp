#include "fact_reader.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

namespace gantry::node_admin {

namespace bj = boost::json;

namespace {

constexpr uint32_t facts_at_first = 128;

bj::value value_of(const gantry_value& value) {
  switch (value.kind) {
    case GANTRY_BOOL:
      return value.as.i != 0;
    case GANTRY_I64:
      return value.as.i;
    case GANTRY_F64:
      return value.as.f;
    case GANTRY_STR:
      return bj::string(sdk::view(value.as.s));
    default:
      return nullptr;
  }
}

bj::array json_of(const std::vector<gantry_fact>& facts, uint32_t count) {
  bj::array out;
  for (uint32_t i = 0; i < count; ++i) {
    out.push_back(bj::object{{"subject", bj::string(sdk::view(facts[i].subject))},
                             {"name", bj::string(sdk::view(facts[i].name))},
                             {"value", value_of(facts[i].value)}});
  }
  return out;
}

}  // namespace

FactReader::FactReader(const sdk::Host& host)
    : host_(host),
      capabilities_(host_.service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES)) {}

void FactReader::bind() {
  const uint32_t count = capabilities_.list(host_.raw(), GANTRY_CAP_FACTS, nullptr, 0);
  std::vector<gantry_str> names(count);
  capabilities_.list(host_.raw(), GANTRY_CAP_FACTS, names.data(), count);
  for (const gantry_str name : names) {
    gantry_error error{};
    error.struct_size = sizeof error;
    gantry_binding* binding = nullptr;
    const gantry_status status =
        capabilities_.bind(host_.raw(), GANTRY_CAP_FACTS, name, &binding, &error);
    if (status == GANTRY_OK) {
      bindings_.emplace_back(sdk::view(name), binding);
    } else {
      host_.warn("the facts of " + std::string(sdk::view(name)) + " can't be read: " + error.text);
    }
  }
}

void FactReader::read(const gantry_call& call, std::string_view instance, bj::object& out) const {
  out["facts"] = bj::array();
  const auto found = std::find_if(bindings_.begin(), bindings_.end(),
                                  [&](const auto& bound) { return bound.first == instance; });
  if (found == bindings_.end()) return;
  sdk::Lease<gantry_facts> lease(capabilities_, found->second, &call);
  if (!lease) {
    out["factsTrouble"] = call.error->text;
    return;
  }
  std::vector<gantry_fact> facts(facts_at_first);
  uint32_t count = 0;
  const auto fill = [&] {
    return lease->read(lease.self(), &call, facts.data(), static_cast<uint32_t>(facts.size()),
                       &count);
  };
  gantry_status status = fill();
  if (status == GANTRY_OK && count > facts.size()) {
    facts.resize(std::min(count, facts_max));
    status = fill();
  }
  lease.end(status);
  if (status == GANTRY_OK) {
    out["facts"] = json_of(facts, std::min(count, static_cast<uint32_t>(facts.size())));
  } else {
    out["factsTrouble"] = call.error->text[0] != '\0' ? call.error->text : "it gave no reason";
  }
}

}  // namespace gantry::node_admin
