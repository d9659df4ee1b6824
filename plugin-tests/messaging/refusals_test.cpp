// Codes that are other modules' work.
#include <catch2/catch.hpp>

#include "rig.hpp"

using namespace gantry::messaging::test;

TEST_CASE("what only another module can serve is refused with code 3 and that module's name") {
  Rig rig;
  const std::pair<int32_t, const char*> missing[] = {
      {request_code::consumer_send_msg_back, "delay_scheduler"},
      {request_code::recall_message, "delay_scheduler"},
      {request_code::end_transaction, "transaction_checker"},
      {request_code::query_assignment, "pop"},
      {request_code::set_message_request_mode, "pop"},
      {request_code::pop_message, "pop"},
      {request_code::ack_message, "pop"},
      {request_code::batch_ack_message, "pop"},
      {request_code::change_message_invisibletime, "pop"},
      {request_code::notification, "pop"},
  };
  for (const auto& [asked, module] : missing) {
    const auto answer = rig.ask(asked, {});
    CHECK(answer.code == 3);
    CHECK(answer.remark == " request type " + std::to_string(asked) +
                               " not supported: no module of this broker serves it; it is the work "
                               "of " +
                               module);
  }
}
