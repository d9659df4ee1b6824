#include "system_topics.hpp"

#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::messaging {
namespace {

constexpr int32_t delay_levels = 18;
constexpr int32_t benchmark_queues = 1024;
constexpr int32_t cluster_queues = 16;
constexpr int32_t revive_queues = 8;

}  // namespace

std::vector<Topic> system_topics(const Options& options, const Node& node) {
  namespace topic = protocol::topic;
  constexpr int32_t read_write = protocol::perm::read | protocol::perm::write;
  constexpr int32_t all = read_write | protocol::perm::inherit;
  std::vector<Topic> made;
  const auto add = [&](std::string_view name, int32_t queues, int32_t perm) {
    made.push_back(make_topic(std::string(name), queues, perm));
  };
  // Without automatic topics there is no template, so clients learn at once that a topic is
  // missing.
  if (options.auto_create_topics) add(topic::auto_create, options.default_topic_queues, all);
  add(topic::self_test, 1, read_write);
  add(topic::benchmark, benchmark_queues, read_write);
  add(node.cluster, cluster_queues, all);
  add(node.broker, 1, all);
  add(topic::offset_moved, 1, read_write);
  add(topic::schedule, delay_levels, read_write);
  add(topic::trace, 1, read_write);
  add(protocol::reply_topic(node.cluster), 1, read_write);
  add(protocol::revive_topic(node.cluster), revive_queues, read_write);
  add(topic::half, 1, read_write);
  add(topic::half_op, 1, read_write);
  add(topic::timer, 1, read_write);
  return made;
}

bool is_system_topic(std::string_view name, const Node& node) {
  return protocol::is_system_topic(name) || name == node.cluster || name == node.broker ||
         name == protocol::reply_topic(node.cluster) ||
         name == protocol::revive_topic(node.cluster);
}

}  // namespace gantry::messaging
