// The inside of a compressed registration: lengths and texts one after the other.
#include "protocol/body_members.hpp"
#include "protocol/body_topics.hpp"
#include "protocol/bytes.hpp"
#include "protocol/headers.hpp"
#include "protocol/json.hpp"

namespace gantry::protocol {
namespace {

namespace bj = boost::json;

Error beyond_end(const ByteReader& in, std::string_view what) {
  return error("byte " + std::to_string(in.at()) + ": " + std::string(what) +
               " of the registration goes beyond its end");
}

Result<std::string_view> take_text(ByteReader& in, std::string_view what) {
  const std::string_view text = in.text(in.number<std::int32_t>());
  if (!in.ok()) return beyond_end(in, what);
  return text;
}

// `name readQueues writeQueues perm filterType attributes`; attributes, a JSON object, may be
// absent.
Result<TopicConfig> parse_topic_line(std::string_view line) {
  const auto wrong = [line] {
    return error("the registration's topic line \"" + std::string(line.substr(0, 200)) +
                 "\" is not: name readQueues writeQueues perm filterType [attributes]");
  };
  std::string_view words[5];
  std::string_view rest = line;
  for (auto& word : words) {
    const auto blank = rest.find(' ');
    word = rest.substr(0, blank);
    rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
  }
  TopicConfig config;
  config.name = words[0];
  const auto read_queues = parse_i32(words[1]);
  const auto write_queues = parse_i32(words[2]);
  const auto perm = parse_i32(words[3]);
  const bool multi = words[4] == topic_filter_type_name(TopicFilterType::multi_tag);
  const bool single = words[4] == topic_filter_type_name(TopicFilterType::single_tag);
  if (config.name.empty() || !read_queues || !write_queues || !perm || (!multi && !single)) {
    return wrong();
  }
  config.read_queues = *read_queues;
  config.write_queues = *write_queues;
  config.perm = *perm;
  config.filter_type = multi ? TopicFilterType::multi_tag : TopicFilterType::single_tag;
  if (rest.empty()) return config;
  const auto attributes = read_json(rest);
  if (!attributes) return wrong();
  const bj::value holder = bj::object{{"attributes", *attributes}};
  Members in(holder, "topic line");
  in.read("attributes", config.attributes);
  if (!in.ok()) return in.error();
  return config;
}

Result<void> take_topics(ByteReader& in, TopicConfigTable& table) {
  const auto count = in.number<std::int32_t>();
  for (std::int32_t i = 0; i < count; ++i) {
    const auto line = take_text(in, "a topic");
    if (!line) return line.error();
    auto topic = parse_topic_line(*line);
    if (!topic) return topic.error();
    std::string name = topic->name;
    table.topics[std::move(name)] = std::move(*topic);
  }
  if (!in.ok() || count < 0) return beyond_end(in, "the number of topics");
  return {};
}

// Each entry is a TopicQueueMappingInfo; its topic is the key.
Result<void> take_mappings(ByteReader& in, TopicConfigTable& table) {
  bj::object infos;
  const auto count = in.number<std::int32_t>();
  for (std::int32_t i = 0; i < count; ++i) {
    const auto text = take_text(in, "a queue mapping");
    if (!text) return text.error();
    auto info = read_json(*text);
    if (!info) return info.error();
    std::string topic;
    Members members(*info, "queue mapping");
    members.read("topic", topic);
    if (!members.ok()) return members.error();
    infos[topic] = std::move(*info);
  }
  if (!in.ok() || count < 0) return beyond_end(in, "the number of queue mappings");
  table.mapping_infos = write_json(infos);
  return {};
}

}  // namespace

Result<RegisterBrokerBody> read_register_layout(std::string_view bytes, bool with_mappings) {
  ByteReader in(bytes);
  RegisterBrokerBody body;
  const auto version = take_text(in, "the data version");
  if (!version) return version.error();
  const auto version_json = read_json(*version);
  if (!version_json) return version_json.error();
  auto data_version = DataVersion::from_json(*version_json);
  if (!data_version) return data_version.error();
  body.topics.data_version = *data_version;

  if (const auto topics = take_topics(in, body.topics); !topics) return topics.error();

  const auto servers = take_text(in, "the filter servers");
  if (!servers) return servers.error();
  auto list = read_json(*servers);
  if (!list) return list.error();
  const bj::value holder = bj::object{{"filterServerList", std::move(*list)}};
  Members members(holder, "register body");
  members.read("filterServerList", body.filter_servers);
  if (!members.ok()) return members.error();

  if (with_mappings) {
    if (const auto mappings = take_mappings(in, body.topics); !mappings) return mappings.error();
  }
  return body;
}

namespace {

void append_text(std::string& out, std::string_view text) {
  append_be(out, static_cast<std::int32_t>(text.size()));
  out += text;
}

// common: TopicConfig.encode
std::string topic_line(const TopicConfig& topic) {
  const bj::value json = topic.to_json();
  return topic.name + ' ' + std::to_string(topic.read_queues) + ' ' +
         std::to_string(topic.write_queues) + ' ' + std::to_string(topic.perm) + ' ' +
         std::string(topic_filter_type_name(topic.filter_type)) + ' ' +
         write_json(json.at("attributes"));
}

}  // namespace

// remoting: RegisterBrokerBody.encode
std::string write_register_layout(const RegisterBrokerBody& body) {
  std::string out;
  append_text(out, write_json(body.topics.data_version.to_json()));
  append_be(out, static_cast<std::int32_t>(body.topics.topics.size()));
  for (const auto& [name, topic] : body.topics.topics) append_text(out, topic_line(topic));
  bj::array servers;
  for (const std::string& server : body.filter_servers) servers.emplace_back(server);
  append_text(out, write_json(servers));
  const auto infos = read_json(body.topics.mapping_infos);
  const bool mapped = infos && infos->is_object();
  append_be(out, mapped ? static_cast<std::int32_t>(infos->get_object().size()) : 0);
  if (!mapped) return out;
  for (const auto& entry : infos->get_object()) append_text(out, write_json(entry.value()));
  return out;
}

}  // namespace gantry::protocol
