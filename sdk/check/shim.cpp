#include "check/shim.hpp"

#include <gantry/host/logging.h>
#include <gantry/host/settings.h>

#include <stdexcept>
#include <string_view>

namespace gantry::sdk::check {
namespace {

Shim* current = nullptr;

}  // namespace

Shim::Shim(const gantry_module& module, bool hides_services)
    : original_(module), hides_services_(hides_services), table_(module) {
  if (current) throw std::logic_error("one shim at a time");
  current = this;
  table_.struct_size = sizeof table_;
  table_.create = [](const gantry_host* host, gantry_instance** out, gantry_error* error) {
    return current->create(host, out, error);
  };
  table_.start = [](gantry_instance* self, gantry_token token, gantry_error* error) {
    return current->step("start", current->original_.start, self, token, error);
  };
  table_.quiesce = [](gantry_instance* self, gantry_token token, gantry_error* error) {
    return current->step("quiesce", current->original_.quiesce, self, token, error);
  };
  table_.drain = [](gantry_instance* self, gantry_token token, gantry_error* error) {
    return current->step("drain", current->original_.drain, self, token, error);
  };
}

Shim::~Shim() {
  current = nullptr;
}

gantry_status Shim::create(const gantry_host* host, gantry_instance** out, gantry_error* error) {
  real_ = host;
  gantry_host& between = hosts_.emplace_back(*host);
  between.service = [](const gantry_host* from, const char* id) {
    return current->service(from, id);
  };
  between.complete = [](const gantry_host* from, gantry_token token, gantry_status status,
                        const gantry_error* why) { current->complete(from, token, status, why); };
  return original_.create(&between, out, error);
}

gantry_status Shim::step(const char* name, StepFunction function, gantry_instance* self,
                         gantry_token token, gantry_error* error) {
  steps_[token] = {name, true, 0};  // it may complete before it returns
  const gantry_status status = function(self, token, error);
  steps_[token].pending = status == GANTRY_PENDING;
  return status;
}

const void* Shim::service(const gantry_host* host, const char* id) const {
  if (!id) throw std::runtime_error("it asked for a service without an id");
  bool shown = !hides_services_ || std::string_view(id) == GANTRY_HOST_LOGGING ||
               std::string_view(id) == GANTRY_HOST_SETTINGS;
  for (uint32_t i = 0; i < original_.need_count; ++i)
    if (original_.needs[i]->required && std::string_view(id) == original_.needs[i]->id)
      shown = true;
  return shown ? real_->service(host, id) : nullptr;
}

void Shim::complete(const gantry_host* host, gantry_token token, gantry_status status,
                    const gantry_error* error) {
  const auto step = steps_.find(token);
  if (step == steps_.end())
    unknown_.insert(token);
  else
    ++step->second.completed;
  real_->complete(host, token, status, error);
}

std::vector<std::string> Shim::faults() const {
  std::vector<std::string> out;
  for (const gantry_token token : unknown_)
    out.push_back("it completed the token " + std::to_string(token) + ", which no step was given");
  for (const auto& [token, step] : steps_) {
    if (step.completed > 1)
      out.push_back(std::string("its ") + step.name + " was completed " +
                    std::to_string(step.completed) + " times");
    if (step.completed > 0 && !step.pending)
      out.push_back(std::string("its ") + step.name + " was completed, but had not been pending");
  }
  return out;
}

}  // namespace gantry::sdk::check
