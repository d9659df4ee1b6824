#include "nameserver.hpp"

#include <memory>

#include "fields.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::nameserver {
namespace {

namespace request_code = protocol::request_code;
namespace response_code = protocol::response_code;

// Above this a registration is worth waking a worker for.
constexpr uint64_t inline_body_bytes_max = 16 * 1024;

int64_t steady_ms(const gantry_call& call) {
  return static_cast<int64_t>(call.now_ns / 1'000'000);
}

uint64_t body_bytes(const gantry_request& request) {
  uint64_t size = 0;
  for (uint32_t i = 0; i < request.body_count; ++i) size += request.body[i].size;
  return size;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

}  // namespace

NameServer::NameServer(const gantry_host* host)
    : Module(host),
      requests_(host_.service<gantry_requests>(GANTRY_HOST_REQUESTS)),
      timer_(host_.service<gantry_timer>(GANTRY_HOST_TIMER)),
      limits_{host_.setting_i64("expiry_ms"),
              static_cast<size_t>(host_.setting_i64("registration_bytes_max"))},
      scan_ms_(host_.setting_i64("scan_ms")),
      kv_bytes_max_(static_cast<size_t>(host_.setting_i64("kv_bytes_max"))),
      acting_masters_(host_.setting_bool("acting_masters")),
      ordered_topics_(host_.setting_bool("ordered_topics")),
      reply_(host_) {}

gantry_status NameServer::start(gantry_token) {
  gantry_binding* const store = host_.bind_if_offered(GANTRY_CAP_METADATA_STORE);
  if (!store) host_.info("without a metadata store KV configuration is gone at the next start");
  kv_.emplace(host_, store, kv_bytes_max_);
  kv_->load();
  administration_.emplace(reply_, routes_, *kv_, host_);
  scan();
  return GANTRY_OK;
}

gantry_status NameServer::drain(gantry_token drained) {
  kv_->close([host = host_.raw(), drained] { host->complete(host, drained, GANTRY_OK, nullptr); });
  return GANTRY_PENDING;
}

gantry_status NameServer::quiesce(gantry_token) {
  timer_.cancel(host_.raw(), std::exchange(scanning_, 0));
  return GANTRY_OK;
}

void NameServer::resume() {
  scan();
}

void NameServer::stop() {
  if (scanning_) timer_.cancel(host_.raw(), std::exchange(scanning_, 0));
}

void NameServer::scan() {
  const auto tick = [](void* self, const gantry_call* call) {
    sdk::barrier(call->error, [&] {
      static_cast<NameServer*>(self)->expire(*call);
      return GANTRY_OK;
    });
  };
  if (timer_.every(host_.raw(), 0, static_cast<uint64_t>(scan_ms_), tick, this, &scanning_) !=
      GANTRY_OK)
    throw sdk::Refusal(GANTRY_FAULT, "no timer to look for silent brokers");
}

void NameServer::expire(const gantry_call& call) {
  const auto forgotten = routes_.expire(steady_ms(call));
  if (!forgotten.empty()) host_.warn("forgot silent brokers: " + joined(forgotten));
}

void NameServer::session_closed(const gantry_call&, gantry_session session) {
  const auto forgotten = routes_.forget_session(session);
  if (!forgotten.empty()) host_.warn("forgot brokers that hung up: " + joined(forgotten));
}

gantry_status NameServer::handle(const gantry_call& call, const gantry_request& request,
                                 gantry_token token, uint32_t) {
  switch (request.code) {
    case request_code::register_broker:
      return register_broker(call, request, token);
    case request_code::unregister_broker:
      routes_.unregister(read_broker(request));
      return reply_.empty(token);
    case request_code::query_data_version:
      return answer_version(call, request, token);
    case request_code::get_routeinfo_by_topic:
      return answer_route(request, token);
    case request_code::get_broker_cluster_info:
      return answer_clusters(token);
    default:
      return administration_->handle(call, request, token);
  }
}

gantry_status NameServer::register_broker(const gantry_call& call, const gantry_request& request,
                                          gantry_token token) {
  if (body_bytes(request) <= inline_body_bytes_max) return accept(call, request, token);
  const gantry_request* kept = nullptr;
  const gantry_status status = requests_.keep(host_.raw(), token, &kept);
  return status == GANTRY_OK ? register_on_worker(*kept, token) : status;
}

struct NameServer::LargeRegistration {
  NameServer& self;
  const gantry_request& request;  // kept: lives until the answer
  gantry_token token;

  static void run(void* context, const gantry_call* call, gantry_status status, const void*) {
    const std::unique_ptr<LargeRegistration> job(static_cast<LargeRegistration*>(context));
    if (status == GANTRY_OK)
      status = sdk::barrier(call->error,
                            [&] { return job->self.accept(*call, job->request, job->token); });
    if (status >= 0) return;
    const bool stopping = status == GANTRY_CANCELLED;
    job->self.reply_.error(job->token,
                           stopping ? response_code::system_busy : response_code::system_error,
                           stopping ? "the nameserver is stopping" : call->error->text);
  }
};

gantry_status NameServer::register_on_worker(const gantry_request& request, gantry_token token) {
  auto job = std::make_unique<LargeRegistration>(LargeRegistration{*this, request, token});
  const gantry_status status = timer_.work(host_.raw(), {&LargeRegistration::run, job.get()});
  if (status != GANTRY_OK)
    throw sdk::Refusal(status, "no worker is free for a large registration",
                       response_code::system_busy);
  job.release();
  return GANTRY_PENDING;
}

gantry_status NameServer::accept(const gantry_call& call, const gantry_request& request,
                                 gantry_token token) {
  const Registration registration = read_registration(request, limits_);
  const auto known = routes_.table()->brokers.contains(registration.broker.name);
  const Routes::Accepted accepted =
      routes_.register_broker(registration, request.session, steady_ms(call));
  if (accepted.kind == Routes::Accepted::Kind::lone_topic)
    return reply_.error(token, response_code::system_error, "register broker failed");
  if (accepted.kind == Routes::Accepted::Kind::outdated)
    host_.warn("ignored an outdated claim of " + registration.broker.address + " to be " +
               registration.broker.name + " " + std::to_string(registration.broker.id));
  else if (!known)
    host_.info("registered " + registration.broker.name + " at " + registration.broker.address);
  std::vector<gantry_property> fields;
  if (!accepted.master_address.empty())
    fields = {{sdk::str("haServerAddr"), sdk::str(accepted.ha_address)},
              {sdk::str("masterAddr"), sdk::str(accepted.master_address)}};
  std::string ordered;
  if (const auto values = kv_->values(order_topics))
    ordered = protocol::write_body(protocol::KvTable{{values->begin(), values->end()}});
  return reply_.fields(token, fields, ordered);
}

gantry_status NameServer::answer_version(const gantry_call& call, const gantry_request& request,
                                         gantry_token token) {
  const BrokerId broker = read_broker(request);
  const protocol::DataVersion has = read_data_version(request);
  const auto known = routes_.query(broker, request.session, steady_ms(call));
  const gantry_property changed[] = {
      {sdk::str("changed"), sdk::str(known == has ? "false" : "true")}};
  return reply_.fields(token, changed, known ? protocol::write_body(*known) : std::string());
}

gantry_status NameServer::answer_route(const gantry_request& request, gantry_token token) {
  const std::string topic = field(request, "topic").value_or("");
  auto route = routes_.table()->route_of(topic, acting_masters_);
  if (!route)
    return reply_.error(
        token, response_code::topic_not_exist,
        "No topic route info in name server for the topic: " + topic +
            "\nNo living broker has registered it: create the topic, or look whether "
            "its broker is up.");
  if (ordered_topics_) route->order_topic_conf = kv_->value(order_topics, topic).value_or("");
  const bool standard = request.version >= protocol::version::v4_9_4 ||
                        field(request, "acceptStandardJsonOnly") == "true";
  return reply_.body(token,
                     protocol::write_body(*route, standard ? protocol::JsonStyle::standard_escaped
                                                           : protocol::JsonStyle::legacy));
}

gantry_status NameServer::answer_clusters(gantry_token token) {
  const protocol::ClusterInfo clusters = routes_.table()->cluster_info();
  return reply_.body(token, protocol::write_body(clusters, protocol::JsonStyle::legacy));
}

}  // namespace gantry::nameserver
