// filter_lua in the fake host, with a folder of scripts that tests write.
#pragma once

#include <gantry/cap/facts.h>
#include <gantry/cap/function.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cpp/fake/host.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::filter_lua::testing {

namespace fs = std::filesystem;

constexpr int skip = GANTRY_VERDICT_SKIP, deliver = GANTRY_VERDICT_DELIVER,
              error = GANTRY_VERDICT_ERROR;
using Verdicts = std::vector<int>;
using Properties = std::vector<std::pair<std::string, std::string>>;

// A message that owns what it shows.
struct Message {
  Properties properties = {};
  std::string body = {};
  std::string topic = "Orders";
  mutable std::string text = {};  // of the properties, once it was viewed

  gantry_message view() const {
    text.clear();
    for (const auto& [name, value] : properties) sdk::fake::add_property(text, name, value);
    gantry_message out{};
    out.struct_size = sizeof out;
    out.topic = sdk::str(topic);
    out.body = sdk::bytes(body);
    out.property_text = sdk::str(text);
    out.queue_id = 3;
    out.queue_offset = 41;
    out.log_offset = 123'456;
    out.stored_ms = 1'700'000'000'500;
    out.born_ms = 1'700'000'000'000;
    out.sys_flag = 8;
    out.app_flag = 9;
    out.reconsume_times = 2;
    out.record_size = 700;
    return out;
  }
};

struct Rig {
  explicit Rig(const sdk::fake::Settings& settings = {}, uint32_t shard_count = 1)
      : host({.shard_count = shard_count}),
        instance(host.load(gantry_plugin_v1, "filter_lua", settings)) {}
  ~Rig() { release(); }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  void start() {
    if (table) return;
    host.start();
    table = &instance.table<gantry_filter>(GANTRY_CAP_FILTER, "LUA");
  }
  fs::path path(const std::string& name) const {
    return fs::path(instance.data_dir()) / (name + ".lua");
  }
  // A later write looks later, however coarse the file system's clock is.
  void write(const std::string& name, const std::string& text) {
    start();
    std::ofstream(path(name)) << text;
    fs::last_write_time(path(name), fs::file_time_type(std::chrono::seconds(1'700'000'000 + ++writes)));
  }

  gantry_status compile(std::string_view expression) {
    gantry_status status = GANTRY_FAULT;
    start();
    release();
    compiled.struct_size = sizeof compiled;
    host.on_worker([&](const gantry_call& call) {
      status = table->compile(instance.self(), &call, sdk::str(expression), &compiled);
      text = call.error->text;
    });
    return status;
  }
  void release() {
    if (compiled.program) table->release(compiled.program);
    compiled = {};
  }
  // The program of a script with this text.
  void use(const std::string& lua, const std::string& expression = "vip") {
    write("vip", lua);
    const gantry_status status = compile(expression);
    INFO(text);
    REQUIRE(status == GANTRY_OK);
  }

  Verdicts judge(const std::vector<Message>& messages, uint32_t shard = 0) {
    std::vector<gantry_message> views;
    for (const Message& message : messages) views.push_back(message.view());
    const gantry_batch batch{sizeof batch, sizeof(gantry_message),
                             static_cast<uint32_t>(views.size()), 0, views.data()};
    std::vector<uint8_t> verdicts(views.size(), 99);
    const auto match = [&](const gantry_call& call) {
      REQUIRE(table->match(compiled.program, &call, &batch, verdicts.data()) == GANTRY_OK);
      text = call.error->text;
    };
    if (shard == GANTRY_NO_SHARD) host.on_worker(match);
    else host.on_shard(match, shard);
    return {verdicts.begin(), verdicts.end()};
  }
  int verdict(const Message& message, uint32_t shard = 0) { return judge({message}, shard)[0]; }
  // Of a script that is used for this one message.
  int verdict(const std::string& lua, const Message& message) {
    use(lua);
    return verdict(message);
  }

  // A fact's value as text; "" if there is none.
  std::string fact(const std::string& subject, const std::string& name) {
    std::string found;
    host.on_worker([&](const gantry_call& call) {
      const auto& facts = instance.table<gantry_facts>(GANTRY_CAP_FACTS);
      std::vector<gantry_fact> room(100);
      uint32_t count = 0;
      REQUIRE(facts.read(instance.self(), &call, room.data(), 100, &count) == GANTRY_OK);
      REQUIRE(count <= room.size());
      for (uint32_t i = 0; i < count; ++i) {
        if (sdk::view(room[i].subject) != subject || sdk::view(room[i].name) != name) continue;
        const gantry_value& value = room[i].value;
        if (value.kind == GANTRY_STR) found = sdk::view(value.as.s);
        else found = value.kind == GANTRY_F64 ? std::to_string(value.as.f)
                                              : std::to_string(value.as.i);
      }
    });
    return found;
  }

  sdk::fake::Host host;
  sdk::fake::Instance& instance;
  const gantry_filter* table = nullptr;
  gantry_compiled compiled{};
  std::string text;  // of the last call's error
  int writes = 0;
};

// `return function(message) <body> end`.
inline std::string function(const std::string& body) {
  return "return function(message)\n" + body + "\nend\n";
}

}  // namespace gantry::filter_lua::testing
