// Request codes of Gantry's own, for what RocketMQ has no command for: 470001 and above. They are
// served on a node's door `admin`, by node_admin and by other modules bound there; a module takes a
// hundred of them. A request is the code and header fields; the answer is code 0 with a JSON
// document as its body, or another code with a sentence as its remark.
#pragma once

#include <cstdint>

namespace gantry::protocol::admin_code {

enum Value : std::int32_t {
  // node_admin. No fields. {"steadyNs": .., "plugins": [..]}: every configured instance with its
  // figures, all its offers together; steadyNs, the host's clock, makes rates of two answers.
  list_plugins = 470001,
  // node_admin. Field "name": one instance, also with "offers", each with its own figures, and the
  // "facts" the module tells. 22 (QUERY_NOT_FOUND) when there is none of that name.
  describe_plugin = 470002,
  // filter_lua. No fields: it looks at once for scripts that are new or have changed.
  // {"loaded": [names], "failed": [{"script", "error"}], "scripts": [..]}.
  filter_reload = 470101,
};

}  // namespace gantry::protocol::admin_code
