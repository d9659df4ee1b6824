#include "scripted_server.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>

#include "client/frames.hpp"
#include "protocol/bodies.hpp"

namespace gantry::client::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

struct ScriptedServer::Session {
  explicit Session(tcp::socket s) : socket(std::move(s)) {}

  tcp::socket socket;
  FrameReader reader;
};

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  const tcp::endpoint any_port(asio::ip::make_address("127.0.0.1"), 0);
  acceptor_.open(any_port.protocol());
  acceptor_.bind(any_port);
  acceptor_.listen();
  accept();
  thread_ = std::thread([this] { io_.run(); });
}

ScriptedServer::~ScriptedServer() {
  io_.stop();
  thread_.join();
}

std::string ScriptedServer::address() const {
  return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void ScriptedServer::accept() {
  acceptor_.async_accept([this](const ErrorCode& error, tcp::socket socket) {
    if (error) return;
    ++connections_;
    sessions_.emplace_back(std::move(socket));
    read(std::prev(sessions_.end()));
    accept();
  });
}

void ScriptedServer::read(std::list<Session>::iterator session) {
  session->socket.async_read_some(
      asio::buffer(session->reader.room()), [this, session](const ErrorCode& error, size_t size) {
        if (error) {
          sessions_.erase(session);
          return;
        }
        session->reader.received(size);
        for (;;) {
          const auto frame = session->reader.next();
          if (!frame || !*frame) break;
          if (wire::is_response((*frame)->header)) {
            auto answer = answers_.extract((*frame)->header.opaque);
            if (!answer.empty()) answer.mapped().set_value(reply_of(**frame));
            continue;
          }
          Pushed pushed = pushed_of(**frame, "");
          const int32_t number = (*frame)->header.opaque;
          const Request request{pushed.code, std::move(pushed.fields), std::move(pushed.body)};
          {
            const std::lock_guard lock(mutex_);
            asked_.push_back(request);
          }
          const std::optional<Reply> answer = script_(request);
          if (!answer || pushed.oneway) continue;
          wire::ByteSink out;
          append_answer(*answer, number, out);
          ErrorCode ignored;
          asio::write(session->socket, asio::buffer(out.data(), out.size()), ignored);
        }
        read(session);
      });
}

std::vector<Request> ScriptedServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

std::vector<Request> ScriptedServer::asked(int32_t code) const {
  std::vector<Request> out = asked();
  std::erase_if(out, [&](const Request& request) { return request.code != code; });
  return out;
}

void ScriptedServer::push(const Request& request) {
  asio::post(io_, [this, request] {
    wire::ByteSink out;
    append_request(request, 1, true, out);
    for (Session& session : sessions_) {
      ErrorCode ignored;
      asio::write(session.socket, asio::buffer(out.data(), out.size()), ignored);
    }
  });
}

Outcome<Reply> ScriptedServer::ask(const Request& request) {
  std::promise<Reply> promise;
  std::future<Reply> answer = promise.get_future();
  asio::post(io_, [this, request, promise = std::move(promise)]() mutable {
    const int32_t number = ++questions_;
    answers_.emplace(number, std::move(promise));
    wire::ByteSink out;
    append_request(request, number, false, out);
    ErrorCode ignored;
    asio::write(sessions_.back().socket, asio::buffer(out.data(), out.size()), ignored);
  });
  if (answer.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
    return fail("the client did not answer");
  }
  return answer.get();
}

void ScriptedServer::hang_up() {
  asio::post(io_, [this] {
    for (Session& session : sessions_) {
      ErrorCode ignored;
      session.socket.close(ignored);
    }
  });
}

Reply reply(int32_t code, std::string body, Fields fields) {
  Reply out;
  out.code = code;
  out.body = std::move(body);
  out.fields = std::move(fields);
  return out;
}

std::string route_body(const std::vector<std::string>& addresses, int32_t queues, int32_t perm) {
  protocol::TopicRouteData route;
  char name = 'a';
  for (const std::string& address : addresses) {
    protocol::BrokerData broker;
    broker.cluster = "c";
    broker.broker_name = std::string(1, name++);
    broker.addresses[0] = address;
    protocol::QueueData data;
    data.broker_name = broker.broker_name;
    data.read_queues = data.write_queues = queues;
    data.perm = perm;
    route.brokers.push_back(std::move(broker));
    route.queues.push_back(std::move(data));
  }
  return protocol::write_body(route);
}

bool soon(const std::function<bool()>& so) {
  // What is waited for has no event of its own: it is looked at until it is so.
  constexpr milliseconds look_again{5};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock lock(mutex);
  while (!so()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    nobody.wait_for(lock, look_again);
  }
  return true;
}

}  // namespace gantry::client::testing
