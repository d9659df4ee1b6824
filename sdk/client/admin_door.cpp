#include "client/admin_door.hpp"

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "protocol/admin_codes.hpp"
#include "protocol/codes.hpp"
#include "protocol/json.hpp"

namespace gantry::client {

namespace bj = boost::json;
namespace admin_code = protocol::admin_code;

Outcome<bj::object> AdminDoor::plugins() { return ask(admin_code::list_plugins); }

Outcome<bj::object> AdminDoor::plugin(const std::string& name) {
  return ask(admin_code::describe_plugin, {{"name", name}});
}

Outcome<bj::object> AdminDoor::reload_filters() { return ask(admin_code::filter_reload); }

Outcome<bj::object> AdminDoor::ask(int32_t code, const Fields& fields, std::string_view body) {
  const Outcome<Reply> reply = connection_.call(code, fields, body);
  if (!reply) {
    return fail(reply.error().text + "; a node's door for administrators is asked: --admin or "
                                     "GANTRY_ADMIN say where it is");
  }
  if (reply->code == protocol::response_code::request_code_not_supported) {
    return fail(fmt::format("{} doesn't know this command ({}): is it a node's door for "
                            "administrators, and is the module that serves it one of its handlers?",
                            address(), code));
  }
  if (reply->code != 0) return refused(address(), *reply);
  const auto document = protocol::read_json(reply->body.empty() ? "{}" : reply->body);
  if (!document) return fail(fmt::format("{}: its answer: {}", address(), document.error().text));
  if (!document->is_object()) return fail(fmt::format("{}: its answer is no object", address()));
  return document->as_object();
}

}  // namespace gantry::client
