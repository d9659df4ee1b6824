#include <catch2/catch.hpp>

#include "protocol/names.hpp"

namespace gantry::protocol {

TEST_CASE("derived names are the protocol's") {
  CHECK(retry_topic("g") == "%RETRY%g");
  CHECK(dlq_topic("g") == "%DLQ%g");
  CHECK(reply_topic("c1") == "c1_REPLY_TOPIC");
  CHECK(revive_topic("c1") == "rmq_sys_REVIVE_LOG_c1");
  CHECK(is_lmq("%LMQ%x"));
  CHECK(is_system_group("CID_RMQ_SYS_TRANS"));
  CHECK_FALSE(is_system_group("g"));
}

TEST_CASE("a pop retry topic of another group is not taken apart") {
  CHECK_FALSE(topic_of_pop_retry("%RETRY%g1_t", "g2"));
  CHECK_FALSE(topic_of_pop_retry("%RETRY%g1xt", "g1"));
  CHECK(topic_of_pop_retry("%RETRY%g1+t", "g1") == "t");
}

}  // namespace gantry::protocol
