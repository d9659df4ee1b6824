// HostContext: the parts of the node the host services lead to. Owned by the node; filled before any
// instance starts, constant afterwards. `log` is null on a node whose modules need none.
#pragma once

#include <functional>
#include <string>

namespace gantry {
class Clock;
}
namespace gantry::runtime {
class Runtime;
}
namespace gantry::net {
class PeerTable;
class SessionTable;
}
namespace gantry::commitlog {
class CommitLog;
}
namespace gantry::dispatch {
class RecordDispatcher;
class Requests;
}

namespace gantry::plugin {

class Directory;
class PutHooks;
class Roster;

struct HostContext {
  const Clock* clock = nullptr;
  runtime::Runtime* runtime = nullptr;
  dispatch::Requests* requests = nullptr;
  net::SessionTable* sessions = nullptr;
  commitlog::CommitLog* log = nullptr;
  dispatch::RecordDispatcher* records = nullptr;  // with the log
  Directory* directory = nullptr;
  const PutHooks* put_hooks = nullptr;  // with the log
  net::PeerTable* peers = nullptr;
  std::function<void(const std::string&)> fail_node = {};  // [any] ends the node, and why
  std::function<bool()> called_off = {};  // [control] whether a start that goes on is to end
  // So long a module may take to quiesce, to drain, and to get its last completions.
  uint64_t end_ms_max = 10'000;
  const Roster* roster = nullptr;
};

}  // namespace gantry::plugin
