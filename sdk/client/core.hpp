// Core: what a Cluster is inside: its thread, its connections, the routes it knows, and who speaks
// through it. Private to client. Owned by Cluster. Unless a function says otherwise, it is called on
// the Core's thread only; nothing here needs a lock.
//
// Coroutines of this library run on that thread, so what they share has no lock either. Each must
// end soon once stopping() says so: calls and sleeps then end at once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "client/cluster.hpp"
#include "client/event.hpp"
#include "client/link.hpp"
#include "protocol/body_clients.hpp"

namespace gantry::client {

using boost::asio::awaitable;

// Somebody who is registered at brokers through this client: a producer's or a consumer's group.
class Member {
 public:
  virtual ~Member() = default;
  // Adds itself to a heartbeat.
  virtual void describe(protocol::HeartbeatData& data) = 0;
  // A request a broker pushed. True: it is this member's to answer, now or later; the others aren't
  // asked.
  virtual bool pushed(const Pushed& pushed, const Answer& answer) = 0;
  // A refresh found this topic's queues to be others.
  virtual void route_changed(const std::string& topic) = 0;
};

struct Route {
  protocol::TopicRouteData data;
  std::vector<Queue> writable;
  std::vector<Queue> readable;
};
using RoutePtr = std::shared_ptr<const Route>;

class Core {
 public:
  explicit Core(ClusterOptions options);
  ~Core();  // not on its thread

  boost::asio::io_context& io() { return io_; }
  const ClusterOptions& options() const { return options_; }
  bool stopping() const { return stopping_; }

  awaitable<Outcome<Reply>> ask(std::string address, Request request, milliseconds timeout);
  awaitable<Outcome<void>> tell(std::string address, Request request, milliseconds timeout);
  awaitable<Outcome<Reply>> ask_nameserver(Request request);
  awaitable<Outcome<void>> tell_nameservers(Request request);

  // The route as known, asked for if it isn't; one without queues if the topic isn't there. What was
  // asked for is refreshed from then on.
  awaitable<Outcome<RoutePtr>> route(std::string topic);
  awaitable<Outcome<RoutePtr>> fresh_route(std::string topic);
  // Something is wrong with it: the next one who needs it asks anew.
  void doubt_route(const std::string& topic);
  // The broker's address, by the routes that are known.
  std::string address_of(const std::string& broker, int64_t broker_id = 0) const;

  void join(Member& member) { members_.insert(&member); }
  void leave(Member& member) { members_.erase(&member); }
  // Whether a member is a producer of this group.
  bool produces(const std::string& group) const;
  // Sends the heartbeat of all members to all brokers; the failure if none took it.
  awaitable<Outcome<void>> beat();
  // Every broker's address of the known routes: masters, and with consumers the others too.
  std::set<std::string> brokers() const;
  // Those of the known routes that are connected.
  std::set<std::string> connected_brokers() const;
  std::string client_id() const;   // any thread
  std::string local_ip() const;    // any thread
  const std::vector<std::string>& nameservers() const { return nameservers_; }  // any thread

  // Waits; ends early when the client ends.
  awaitable<void> sleep(milliseconds time);

  // Runs a coroutine on the Core's thread and waits for what it answers. From any other thread: a
  // completion that waited for the thread it runs on would wait for ever.
  template <class T>
  T run(awaitable<T> work) {
    if (on_thread()) throw std::logic_error("a call that waits, made from a completion");
    return boost::asio::co_spawn(io_, std::move(work), boost::asio::use_future).get();
  }
  bool on_thread() { return io_.get_executor().running_in_this_thread(); }

 private:
  bool is_broker(const std::string& address) const;
  Link& link(const std::string& address);
  protocol::HeartbeatData what_members_are() const;
  Request heartbeat() const;
  void pushed(const Pushed& pushed, const Answer& answer);
  awaitable<void> refresh_routes();
  awaitable<void> beat_at_intervals();
  void know(const std::string& topic, RoutePtr route);

  const ClusterOptions options_;
  const int number_;  // of this client in the process
  boost::asio::io_context io_{1};
  const std::vector<std::string> nameservers_;
  size_t nameserver_ = 0;  // that answered last
  std::map<std::string, Link> links_;
  std::map<std::string, RoutePtr> routes_;
  std::set<std::string> topics_;  // whose routes are refreshed
  std::set<Member*> members_;
  Event stop_;
  bool stopping_ = false;
  mutable std::mutex ip_mutex_;
  std::string local_ip_;  // guarded by ip_mutex_
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

// "a:1;b:2" as a list; empty: NAMESRV_ADDR, else 127.0.0.1:9876.
std::vector<std::string> nameserver_list(std::string_view nameservers);

}  // namespace gantry::client
