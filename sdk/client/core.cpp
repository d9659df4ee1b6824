#include "client/core.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <cstdlib>

#include "base/thread_name.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::client {

namespace asio = boost::asio;
namespace code = protocol::request_code;

namespace {

std::atomic<int> clients_made{0};

}  // namespace

std::vector<std::string> nameserver_list(std::string_view nameservers) {
  if (nameservers.empty()) {
    const char* set = std::getenv("NAMESRV_ADDR");
    nameservers = set != nullptr && *set != '\0' ? set : "127.0.0.1:9876";
  }
  std::vector<std::string> out;
  while (!nameservers.empty()) {
    const std::string_view address = nameservers.substr(0, nameservers.find(';'));
    nameservers.remove_prefix(std::min(nameservers.size(), address.size() + 1));
    if (!address.empty()) out.emplace_back(address);
  }
  return out;
}

Core::Core(ClusterOptions options)
    : options_(std::move(options)), number_(clients_made++),
      nameservers_(nameserver_list(options_.nameservers)), stop_(io_),
      work_(asio::make_work_guard(io_)) {
  asio::co_spawn(io_, refresh_routes(), asio::detached);
  asio::co_spawn(io_, beat_at_intervals(), asio::detached);
  thread_ = std::thread([this] {
    name_thread("client");
    io_.run();
  });
}

Core::~Core() {
  asio::post(io_, [this] {
    stopping_ = true;
    stop_.signal();
    links_.clear();
  });
  work_.reset();
  thread_.join();
}

Link& Core::link(const std::string& address) {
  const auto found = links_.find(address);
  if (found != links_.end()) return found->second;
  LinkEvents events;
  events.pushed = [this](const Pushed& request, const Answer& answer) { pushed(request, answer); };
  events.greeting = [this, address](const std::string& ip) -> std::optional<Request> {
    {
      const std::lock_guard lock(ip_mutex_);
      if (local_ip_.empty()) local_ip_ = ip;
    }
    if (members_.empty() || !is_broker(address)) return std::nullopt;
    return heartbeat();
  };
  return links_.try_emplace(address, io_, address, std::move(events)).first->second;
}

awaitable<Outcome<Reply>> Core::ask(std::string address, Request request, milliseconds timeout) {
  if (stopping_) co_return fail("the client has ended");
  co_return co_await link(address).ask(std::move(request), timeout);
}

awaitable<Outcome<void>> Core::tell(std::string address, Request request, milliseconds timeout) {
  if (stopping_) co_return fail("the client has ended");
  co_return co_await link(address).tell(std::move(request), timeout);
}

awaitable<Outcome<Reply>> Core::ask_nameserver(Request request) {
  Failure last = fail("no nameserver is given: set NAMESRV_ADDR to host:port");
  for (size_t tried = 0; tried < nameservers_.size(); ++tried) {
    const size_t at = nameserver_ % nameservers_.size();
    auto reply = co_await ask(nameservers_[at], request, options_.call_timeout);
    if (reply) co_return reply;
    last = fail("nameserver " + reply.error().text);
    if (nameserver_ == at) nameserver_ = at + 1;
  }
  co_return last;
}

awaitable<Outcome<void>> Core::tell_nameservers(Request request) {
  if (nameservers_.empty()) co_return fail("no nameserver is given: set NAMESRV_ADDR to host:port");
  for (const std::string& address : nameservers_) {
    auto reply = co_await ask(address, request, options_.call_timeout);
    if (!reply) co_return fail("nameserver " + reply.error().text);
    if (reply->code != 0) co_return refused("nameserver " + address, *reply);
  }
  co_return Outcome<void>();
}

awaitable<Outcome<RoutePtr>> Core::route(std::string topic) {
  const auto found = routes_.find(topic);
  const RoutePtr known = found == routes_.end() ? nullptr : found->second;
  if (known && topics_.contains(topic)) co_return known;
  auto fresh = co_await fresh_route(std::move(topic));
  // A nameserver that can't be asked takes nothing away: the brokers may well be there.
  if (!fresh && known) co_return known;
  co_return fresh;
}

awaitable<Outcome<RoutePtr>> Core::fresh_route(std::string topic) {
  Request request;
  request.code = code::get_routeinfo_by_topic;
  request.fields.emplace_back("topic", topic);
  request.fields.emplace_back("acceptStandardJsonOnly", "true");
  auto reply = co_await ask_nameserver(std::move(request));
  if (!reply) co_return reply.error();
  auto route = std::make_shared<Route>();
  if (reply->code == protocol::response_code::topic_not_exist) {
    know(topic, nullptr);
    co_return RoutePtr(route);
  }
  if (reply->code != 0) co_return refused("the nameserver", *reply);
  auto data = protocol::read_body<protocol::TopicRouteData>(reply->body);
  if (!data) co_return fail("the nameserver's route: " + data.error().text);
  route->data = std::move(*data);
  route->writable = writable_queues(route->data);
  route->readable = readable_queues(route->data);
  know(topic, route);
  co_return RoutePtr(route);
}

// Without a route the topic isn't there; one that was is still looked for.
void Core::know(const std::string& topic, RoutePtr route) {
  const auto found = routes_.find(topic);
  const RoutePtr known = found == routes_.end() ? nullptr : found->second;
  if (route != nullptr) {
    topics_.insert(topic);
    routes_[topic] = route;
  } else {
    routes_.erase(topic);
  }
  if (route == known || (route && known && route->data == known->data)) return;
  for (Member* member : members_) member->route_changed(topic);
}

// What is known stays until there is something better: addresses and greetings go by it.
void Core::doubt_route(const std::string& topic) { topics_.erase(topic); }

std::string Core::address_of(const std::string& broker, int64_t broker_id) const {
  for (const auto& [topic, route] : routes_) {
    for (const protocol::BrokerData& data : route->data.brokers) {
      if (data.broker_name != broker) continue;
      const auto found = data.addresses.find(broker_id);
      if (found != data.addresses.end()) return found->second;
    }
  }
  return {};
}

std::set<std::string> Core::brokers() const {
  protocol::HeartbeatData data;
  for (Member* member : members_) member->describe(data);
  std::set<std::string> out;
  for (const auto& [topic, route] : routes_) {
    for (const protocol::BrokerData& broker : route->data.brokers) {
      for (const auto& [id, address] : broker.addresses) {
        if (id == 0 || !data.consumers.empty()) out.insert(address);
      }
    }
  }
  return out;
}

bool Core::is_broker(const std::string& address) const {
  for (const auto& [topic, route] : routes_) {
    for (const protocol::BrokerData& broker : route->data.brokers) {
      for (const auto& [id, known] : broker.addresses) {
        if (known == address) return true;
      }
    }
  }
  return false;
}

std::set<std::string> Core::connected_brokers() const {
  std::set<std::string> out;
  for (const auto& [address, link] : links_) {
    if (link.is_up() && is_broker(address)) out.insert(address);
  }
  return out;
}

protocol::HeartbeatData Core::what_members_are() const {
  protocol::HeartbeatData data;
  data.client_id = client_id();
  for (Member* member : members_) member->describe(data);
  return data;
}

bool Core::produces(const std::string& group) const {
  const std::vector<std::string> groups = what_members_are().producer_groups;
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

Request Core::heartbeat() const {
  const protocol::HeartbeatData data = what_members_are();
  Request request;
  request.code = code::heart_beat;
  request.body = protocol::write_body(data);
  return request;
}

awaitable<Outcome<void>> Core::beat() {
  Failure last = fail("no broker is known yet");
  bool taken = false;
  for (const std::string& address : brokers()) {
    auto reply = co_await ask(address, heartbeat(), options_.call_timeout);
    if (!reply) {
      last = fail("broker " + reply.error().text);
    } else if (reply->code != 0) {
      last = refused("broker " + address, *reply);
    } else {
      taken = true;
    }
  }
  if (!taken) co_return last;
  co_return Outcome<void>();
}

void Core::pushed(const Pushed& pushed, const Answer& answer) {
  const std::set<Member*> members = members_;
  for (Member* member : members) {
    if (member->pushed(pushed, answer)) return;
  }
  if (pushed.oneway) return;
  Reply unsupported;
  unsupported.code = protocol::response_code::request_code_not_supported;
  unsupported.remark = fmt::format("request {} is not supported by this client", pushed.code);
  switch (pushed.code) {
    case code::get_consumer_status_from_client:
    case code::get_consumer_running_info:
    case code::consume_message_directly: {
      const protocol::FieldReader in(pushed.fields);
      const auto group = in.find(
          pushed.code == code::get_consumer_status_from_client ? "group" : "consumerGroup");
      unsupported.code = protocol::response_code::system_error;
      unsupported.remark = fmt::format("The Consumer Group <{}> not exist in this consumer",
                                       group.value_or(""));
      break;
    }
    default: break;
  }
  answer(unsupported);
}

awaitable<void> Core::refresh_routes() {
  while (!stopping_) {
    co_await sleep(options_.route_interval);
    const std::set<std::string> topics = topics_;
    for (const std::string& topic : topics) {
      if (stopping_) co_return;
      co_await fresh_route(topic);  // a failure leaves what is known: brokers may well be there
    }
  }
}

awaitable<void> Core::beat_at_intervals() {
  while (!stopping_) {
    co_await sleep(options_.heartbeat_interval);
    if (!members_.empty() && !stopping_) co_await beat();
  }
}

awaitable<void> Core::sleep(milliseconds time) {
  if (!stopping_) co_await stop_.wait(time);
}

std::string Core::local_ip() const {
  const std::lock_guard lock(ip_mutex_);
  return local_ip_.empty() ? "127.0.0.1" : local_ip_;
}

std::string Core::client_id() const {
  return fmt::format("{}@{}#{}", local_ip(), static_cast<int>(getpid()), number_);
}

}  // namespace gantry::client
