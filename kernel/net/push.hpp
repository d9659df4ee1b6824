// PushWait: a request sent to a client, waiting for its response. Owned by its timer's completion,
// which always comes; whatever ends it first takes it off its connection and tells `then`.
#pragma once

#include <cstdint>

#include "base/strong.hpp"
#include "net/session_table.hpp"

namespace gantry::net {

class Connection;

struct PushWait {
  Connection* connection = nullptr;  // null once it has ended
  int32_t opaque = 0;
  PushCompletion then;
  Token timer;
};

}  // namespace gantry::net
