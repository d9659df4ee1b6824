// Trouble: what a consumer couldn't do, told as it happens (ConsumerOptions::on_trouble). A value.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "client/request.hpp"
#include "protocol/body_route.hpp"

namespace gantry::client {

struct Trouble {
  enum class Kind {
    commit,        // how far the group is couldn't be remembered: it may get messages again
    offsets_file,  // is damaged: its backup was read, and messages since then come again
    unreadable,    // what a pull brought can't be decoded: the queue is held back, or it is skipped
  };
  Kind kind{};
  std::string group = {};
  protocol::MessageQueue queue = {};  // without a topic: it isn't about one queue
  int64_t offset = -1;                // in the queue, of what it is about; -1: of nothing in it
  std::string why = {};               // a sentence
  milliseconds again_in{0};           // it is tried again then; 0: it isn't, or when its time comes
};

// Called on the cluster's thread, so it must not wait; what it throws is dropped.
using TroubleListener = std::function<void(const Trouble&)>;

// One line: "group billing, topic orders, queue 0 on broker a, offset 3: ...; again in 2000 ms".
std::string text_of(const Trouble& trouble);
// What is done where there is no listener: a line on standard error.
void print(const Trouble& trouble);

}  // namespace gantry::client
