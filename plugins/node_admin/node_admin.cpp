#include "node_admin.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <string_view>
#include <utility>

#include "protocol/admin_codes.hpp"
#include "protocol/codes.hpp"
#include "protocol/json.hpp"

namespace gantry::node_admin {

namespace bj = boost::json;
namespace admin_code = protocol::admin_code;
namespace response_code = protocol::response_code;

namespace {

std::string field(const gantry_request& request, std::string_view key) {
  for (uint32_t i = 0; i < request.field_count; ++i) {
    if (sdk::view(request.fields[i].key) == key) {
      return std::string(sdk::view(request.fields[i].value));
    }
  }
  return {};
}

}  // namespace

NodeAdmin::NodeAdmin(const gantry_host* host)
    : Module(host), timer_(host_.service<gantry_timer>(GANTRY_HOST_TIMER)), reply_(host_),
      figures_(host_), facts_(host_) {}

gantry_status NodeAdmin::start(gantry_token) {
  facts_.bind();
  return GANTRY_OK;
}

struct NodeAdmin::Job {
  const NodeAdmin& self;
  int32_t code;
  std::string name;
  gantry_token token;

  static void run(void* context, const gantry_call* call, gantry_status status, const void*) {
    const std::unique_ptr<Job> job(static_cast<Job*>(context));
    if (status == GANTRY_CANCELLED) {
      job->self.reply_.error(job->token, response_code::system_busy, "the node is stopping");
      return;
    }
    status = sdk::barrier(call->error, [&] { return job->self.answer(*call, *job); });
    if (status >= 0) return;
    const int32_t code = call->error->wire_code;
    job->self.reply_.error(job->token, code != 0 ? code : response_code::system_error,
                           call->error->text);
  }
};

gantry_status NodeAdmin::handle(const gantry_call&, const gantry_request& request,
                                gantry_token token, uint32_t) {
  std::string name = field(request, "name");
  if (request.code == admin_code::describe_plugin && name.empty()) {
    throw sdk::Refusal(GANTRY_REFUSED, "name: which instance? It is missing or empty",
                       response_code::invalid_parameter);
  }
  auto job = std::make_unique<Job>(Job{*this, request.code, std::move(name), token});
  const gantry_status status = timer_.work(host_.raw(), {&Job::run, job.get()});
  if (status != GANTRY_OK) {
    throw sdk::Refusal(status, "no worker is free", response_code::system_busy);
  }
  static_cast<void>(job.release());  // run() frees it
  return GANTRY_PENDING;
}

gantry_status NodeAdmin::answer(const gantry_call& call, const Job& job) const {
  return job.code == admin_code::list_plugins ? list(call, job.token)
                                              : describe(call, job.name, job.token);
}

gantry_status NodeAdmin::list(const gantry_call& call, gantry_token token) const {
  bj::array plugins;
  for (uint32_t i = 0; i < figures_.count(); ++i) plugins.push_back(figures_.instance(call, i));
  return reply_.body(token, protocol::write_json(bj::object{{"steadyNs", call.now_ns},
                                                            {"plugins", std::move(plugins)}}));
}

gantry_status NodeAdmin::describe(const gantry_call& call, const std::string& name,
                                  gantry_token token) const {
  const std::optional<uint32_t> index = figures_.find(call, name);
  if (!index) {
    return reply_.error(token, response_code::query_not_found,
                        "name: no instance is called " + name + ", here are: " +
                            figures_.names(call));
  }
  bj::object plugin = figures_.instance(call, *index);
  plugin["offers"] = figures_.offers(call, *index);
  facts_.read(call, name, plugin);
  return reply_.body(token, protocol::write_json(plugin));
}

}  // namespace gantry::node_admin
