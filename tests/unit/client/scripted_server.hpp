// ScriptedServer: a nameserver or broker that answers what a test says, on a port of loopback of its
// own. It has one thread, on which the script runs; whoever owns it may push and hang up from
// another. Ends with its owner.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client/request.hpp"

namespace gantry::client::testing {

class ScriptedServer {
 public:
  // The answer, or none: the request is held for ever.
  using Script = std::function<std::optional<Reply>(const Request&)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string address() const;
  // What was asked so far, in order; and how many connections there were.
  std::vector<Request> asked() const;
  std::vector<Request> asked(int32_t code) const;
  int connections() const { return connections_.load(); }
  // A one-way request to every client.
  void push(const Request& request);
  // Asks the client that connected last, and waits for its answer, at most half a minute.
  Outcome<Reply> ask(const Request& request);
  // Closes every connection; new ones are taken.
  void hang_up();

 private:
  struct Session;
  void accept();
  void read(std::list<Session>::iterator session);

  const Script script_;
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor acceptor_{io_};
  std::list<Session> sessions_;
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::vector<Request> asked_;                     // guarded by mutex_
  std::map<int32_t, std::promise<Reply>> answers_;  // by the question's number; on the server's thread
  int32_t questions_ = 1;                           // on the server's thread
  std::thread thread_;
};

// An answer with a body or fields.
Reply reply(int32_t code, std::string body = {}, Fields fields = {});
// The route of a topic on brokers "a", "b" ... at these addresses.
std::string route_body(const std::vector<std::string>& addresses, int32_t queues,
                       int32_t perm = 6);
// Waits until something is so, for at most half a minute; says whether it is.
bool soon(const std::function<bool()>& so);

}  // namespace gantry::client::testing
