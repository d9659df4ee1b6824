#include <catch2/catch.hpp>

#include "protocol/codes.hpp"

namespace gantry::protocol {

TEST_CASE("codes have the protocol's names") {
  CHECK(request_code_name(request_code::send_message_v2) == "SEND_MESSAGE_V2");
  CHECK(request_code_name(request_code::batch_ack_message) == "BATCH_ACK_MESSAGE");
  CHECK(request_code_name(13).empty());
  CHECK(response_code_name(response_code::rpc_time_out) == "RPC_TIME_OUT");
  CHECK(response_code_name(response_code::topic_not_exist) == "TOPIC_NOT_EXIST");
  CHECK(response_code_name(9).empty());
}

TEST_CASE("an unknown code is refused with Java's remark") {
  CHECK(not_supported_remark(999) == " request type 999 not supported");
}

TEST_CASE("languages and versions have names both ways") {
  CHECK(language_name(language::go) == "GO");
  CHECK(language_name(-1) == "OTHER");
  CHECK(language_name(14) == "OTHER");
  CHECK(language_of("NODE_JS") == language::node_js);
  CHECK(language_of("RUSTY") == language::other);
  CHECK(version_name(version::announced) == "V5_5_0");
  CHECK(version_name(500) == "V500");
}

}  // namespace gantry::protocol
