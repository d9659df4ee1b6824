#include "recorded.hpp"

#include <boost/json.hpp>
#include <fstream>

#include "protocol/json.hpp"

namespace gantry::messaging::test {
namespace json = boost::json;
namespace {

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

fake::Fields fields_of(const json::object& frame) {
  fake::Fields fields;
  const auto* ext = frame.at("header").as_object().if_contains("extFields");
  if (!ext || !ext->is_object()) return fields;
  for (const auto& [key, value] : ext->as_object()) {
    fields.emplace_back(key, value.is_string() ? text(value) : json::serialize(value));
  }
  return fields;
}

std::string body_of(const json::object& frame) {
  const std::string hex = text(frame.at("hex"));
  std::string body;
  for (size_t at = 2 * (8 + static_cast<size_t>(frame.at("headerLength").to_number<int64_t>()));
       at < hex.size(); at += 2) {
    body += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
  }
  return body;
}

}  // namespace

std::vector<Recorded> read_recorded(const std::filesystem::path& file,
                                    const std::set<int32_t>& codes) {
  std::vector<Recorded> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const json::value value = gantry::protocol::read_json(line).value();
    const json::object& all = value.as_object();
    const auto code = all.at("code").to_number<int32_t>();
    if (!codes.contains(code) || text(all.at("from")) != "client") continue;
    const json::object& frame = all.at("request").as_object();
    const json::object& header = frame.at("header").as_object();
    Recorded one;
    one.step = text(all.at("step"));
    one.peer = text(all.at("peer"));
    one.session = static_cast<gantry_session>(all.at("conn").to_number<int64_t>() + 1);
    one.one_way = all.at("oneway").as_bool();
    one.request.code = code;
    one.request.fields = fields_of(frame);
    one.request.body = body_of(frame);
    one.request.session = one.session;
    one.request.one_way = one.one_way;
    one.request.version = header.at("version").to_number<int32_t>();
    if (const json::object* response = all.at("response").if_object()) {
      fake::Answer answer;
      const json::object& head = response->at("header").as_object();
      answer.code = head.at("code").to_number<int32_t>();
      if (const auto* remark = head.if_contains("remark"); remark && remark->is_string()) {
        answer.remark = text(*remark);
      }
      answer.fields = fields_of(*response);
      answer.body = body_of(*response);
      one.answer = std::move(answer);
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace gantry::messaging::test
