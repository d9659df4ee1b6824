#include "commitlog/gates.hpp"

#include <algorithm>

namespace gantry::commitlog {

std::vector<Gates::Gate>::iterator Gates::find(std::string_view name) {
  return std::ranges::find(gates_, name, &Gate::name);
}

void Gates::close(std::string_view name, int32_t wire_code, std::string_view reason) {
  std::lock_guard lock(mutex_);
  auto gate = find(name);
  if (gate == gates_.end()) gate = gates_.insert(gates_.end(), Gate(std::string(name)));
  if (!gate->closed) closed_++;
  gate->closed = true;
  gate->wire_code = wire_code;
  gate->reason = reason;
}

void Gates::open(std::string_view name) {
  std::lock_guard lock(mutex_);
  const auto gate = find(name);
  if (gate == gates_.end() || !gate->closed) return;
  gate->closed = false;
  closed_--;
}

bool Gates::first_closed(int32_t& wire_code, std::string& reason) const {
  std::lock_guard lock(mutex_);
  const auto gate = std::ranges::find(gates_, true, &Gate::closed);
  if (gate == gates_.end()) return false;
  wire_code = gate->wire_code;
  reason = gate->reason;
  return true;
}

}  // namespace gantry::commitlog
