// Names of topics and groups against Java's rules, case by case.
#include <algorithm>

#include "golden_data.hpp"
#include "protocol/names.hpp"

namespace gantry::protocol::testing {
namespace {

namespace bj = boost::json;

std::string given(const bj::value& name) {
  return name.is_null() ? std::string() : text(name);
}

void check_remarks(const char* kind, std::string (*check)(std::string_view)) {
  each_case(kind, [check](const bj::object& c) {
    CHECK(check(given(c.at("in"))) == text(c.at("out").at("remark")));
  });
}

void check_messages(const char* kind, std::string (*check)(std::string_view)) {
  each_case(kind, [check](const bj::object& c) {
    const auto& out = c.at("out");
    const std::string wanted = out.at("ok").as_bool() ? "" : text(out.at("message"));
    CHECK(check(given(c.at("in"))) == wanted);
  });
}

void check_set(const char* kind, std::span<const std::string_view> names) {
  each_case(kind, [names](const bj::object& c) {
    CHECK(c.at("out").as_array().size() == names.size());
    for (const auto& name : c.at("out").as_array())
      CHECK(std::ranges::count(names, text(name)) == 1);
  });
}

}  // namespace

TEST_CASE("a broker takes the names Java's takes and says what Java's says of others") {
  check_remarks("topic-validate", check_topic);
  check_remarks("group-validate", check_group);
}

TEST_CASE("a client takes the names Java's takes and says what Java's says of others") {
  check_messages("client-check-topic", check_topic_at_client);
  check_messages("client-check-group", check_group_at_client);
}

TEST_CASE("system topics and those nobody may send to are Java's") {
  check_set("system-topic-set", system_topics());
  check_set("not-allowed-send-set", topics_forbidden_to_send());
  each_case("system-topic", [](const bj::object& c) {
    CHECK(is_system_topic(given(c.at("in"))) == c.at("out").as_bool());
  });
  each_case("not-allowed-send", [](const bj::object& c) {
    CHECK(is_forbidden_to_send(given(c.at("in"))) == c.at("out").as_bool());
  });
}

TEST_CASE("namespaces are put around names and taken off as in Java") {
  each_case("namespace", [](const bj::object& c) {
    const std::string space = text(c.at("in").at("namespace"));
    const std::string resource = text(c.at("in").at("resource"));
    CHECK(wrap_namespace(space, resource) == text(c.at("out").at("wrap")));
    CHECK(without_namespace(resource) == text(c.at("out").at("without")));
    CHECK(retry_topic_in_namespace(space, resource) == given(c.at("out").at("wrapRetry")));
  });
}

TEST_CASE("pop retry topics are made and taken apart as in Java") {
  each_case("pop-retry-topic", [](const bj::object& c) {
    const std::string topic = text(c.at("in").at("topic"));
    const std::string group = text(c.at("in").at("group"));
    CHECK(pop_retry_topic_v1(group, topic) == text(c.at("out").at("v1")));
    CHECK(pop_retry_topic_v2(group, topic) == text(c.at("out").at("v2")));
  });
  each_case("pop-retry-parse", [](const bj::object& c) {
    const std::string name = text(c.at("in").at("topic"));
    const auto topic = topic_of_pop_retry(name, text(c.at("in").at("group")));
    REQUIRE(topic.has_value() == !c.contains("error"));
    if (topic) CHECK(*topic == text(c.at("out").at("normalTopic")));
  });
}

}  // namespace gantry::protocol::testing
