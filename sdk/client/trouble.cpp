#include "client/trouble.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace gantry::client {

std::string text_of(const Trouble& trouble) {
  std::string out = "group " + trouble.group;
  if (!trouble.queue.topic.empty()) {
    out += fmt::format(", topic {}, queue {} on broker {}", trouble.queue.topic,
                       trouble.queue.queue_id, trouble.queue.broker_name);
  }
  if (trouble.offset >= 0) out += fmt::format(", offset {}", trouble.offset);
  out += ": " + trouble.why;
  if (trouble.again_in.count() > 0) {
    out += fmt::format("; again in {} ms", trouble.again_in.count());
  }
  return out;
}

void print(const Trouble& trouble) { fmt::print(stderr, "{}\n", text_of(trouble)); }

}  // namespace gantry::client
