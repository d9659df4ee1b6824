// Who is connected, and what they say of themselves.
#include <fmt/format.h>

#include "client/admin.hpp"
#include "client/core.hpp"
#include "protocol/codes.hpp"
#include "protocol/subscription_compare.hpp"

namespace gantry::client {

namespace code = protocol::request_code;
namespace response = protocol::response_code;

namespace {

// A broker gives up on a silent member after 10 s, and says so.
constexpr milliseconds member_timeout{12'000};

struct Question {
  std::string address;  // of the broker that passes it on
  Request request;
  Outcome<Reply> reply = fail("nobody was asked");
};

awaitable<void> ask_one(Core& core, Question& question) {
  question.reply = co_await core.ask(question.address, question.request, member_timeout);
}

// All at once: one that is silent holds nobody up.
awaitable<void> ask_all(Core& core, std::vector<Question>& questions) {
  Event answered(core.io());
  size_t left = questions.size();
  for (Question& question : questions) {
    boost::asio::co_spawn(core.io(), ask_one(core, question), [&](const std::exception_ptr&) {
      --left;
      answered.signal();
    });
  }
  while (left > 0) co_await answered.wait();
}

Outcome<protocol::ConsumerRunningInfo> running_info_of(const Question& question) {
  if (!question.reply) return fail("broker " + question.reply.error().text);
  if (question.reply->code != 0) return refused("broker " + question.address, *question.reply);
  auto info = protocol::read_body<protocol::ConsumerRunningInfo>(question.reply->body);
  if (!info) return fail("what it said cannot be read: " + info.error().text);
  return std::move(*info);
}

}  // namespace

Outcome<GroupMembers> Admin::group_members(std::string_view group) {
  auto brokers = masters();
  if (!brokers) return brokers.error();
  GroupMembers out;
  for (const Master& master : *brokers) {
    auto reply = cluster_.call(master.address, code::get_consumer_connection_list,
                               {{"consumerGroup", std::string(group)}});
    if (!reply) return fail("broker " + reply.error().text);
    if (reply->code == response::consumer_not_online) continue;
    if (reply->code != 0) return refused("broker " + master.address, *reply);
    auto known = protocol::read_body<protocol::ConsumerConnection>(reply->body);
    if (!known) return fail(fmt::format("broker {}: {}", master.address, known.error().text));
    out.model = known->model;
    out.type = known->type;
    out.subscriptions.merge(known->subscriptions);
    for (protocol::ClientConnection& member : known->connections) {
      out.brokers.emplace(member.client_id, master.address);
      const auto same = [&](const auto& other) { return other.client_id == member.client_id; };
      if (std::none_of(out.members.begin(), out.members.end(), same)) {
        out.members.push_back(std::move(member));
      }
    }
  }
  std::sort(out.members.begin(), out.members.end(),
            [](const auto& a, const auto& b) { return a.client_id < b.client_id; });
  return out;
}

Outcome<std::vector<protocol::ClientConnection>> Admin::producers(std::string_view group,
                                                                  std::string_view topic) {
  auto brokers = masters_of(topic);
  if (!brokers) return brokers.error();
  std::vector<protocol::ClientConnection> out;
  for (const Master& master : *brokers) {
    auto reply = ask(master.address, code::get_producer_connection_list,
                     {{"producerGroup", std::string(group)}});
    if (!reply) return reply.error();
    auto known = protocol::read_body<protocol::ProducerConnection>(reply->body);
    if (!known) return fail(fmt::format("broker {}: {}", master.address, known.error().text));
    out.insert(out.end(), known->connections.begin(), known->connections.end());
  }
  return out;
}

std::map<std::string, Outcome<protocol::ConsumerRunningInfo>> Admin::running_infos(
    std::string_view group, const GroupMembers& members) {
  std::vector<Question> questions;
  for (const protocol::ClientConnection& member : members.members) {
    Question question;
    question.address = members.brokers.at(member.client_id);
    question.request.code = code::get_consumer_running_info;
    question.request.fields = {{"consumerGroup", std::string(group)},
                               {"clientId", member.client_id},
                               {"jstackEnable", "false"}};
    questions.push_back(std::move(question));
  }
  cluster_.core().run(ask_all(cluster_.core(), questions));
  std::map<std::string, Outcome<protocol::ConsumerRunningInfo>> out;
  for (size_t i = 0; i < questions.size(); ++i) {
    out.emplace(members.members[i].client_id, running_info_of(questions[i]));
  }
  return out;
}

Agreement Admin::agreement(std::string_view group, const GroupMembers& members) {
  Agreement out;
  if (members.members.size() < 2) return out;  // nobody to differ from
  std::optional<protocol::MemberSubscriptions> first;
  for (const auto& [client, info] : running_infos(group, members)) {
    if (!info) {
      out.unknown.emplace(client, info.error().text);
      continue;
    }
    auto member = protocol::member_subscriptions(client, group, info->subscriptions);
    if (member.topics.empty()) continue;
    if (!first) {
      first = std::move(member);
    } else if (out.difference.empty()) {
      out.difference = protocol::difference(*first, member);
    }
  }
  return out;
}

}  // namespace gantry::client
