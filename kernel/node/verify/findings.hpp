// Findings: what a check found wrong, a line each. Counts all and shows the first of them, so that
// a folder broken everywhere doesn't fill a terminal. Owned by who checks; control thread.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace gantry::node {

class Findings {
 public:
  using Show = std::function<void(const std::string& line)>;
  Findings(Show show, uint64_t shown_max) : show_(std::move(show)), shown_max_(shown_max) {}

  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    if (count_++ < shown_max_) show_(fmt::format(format, std::forward<Args>(args)...));
  }
  uint64_t count() const { return count_; }
  uint64_t hidden() const { return count_ > shown_max_ ? count_ - shown_max_ : 0; }

 private:
  Show show_;
  uint64_t shown_max_;
  uint64_t count_ = 0;
};

}  // namespace gantry::node
