// filter_sql92 in the fake host: compile an expression, ask it about messages.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cpp/fake/host.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::filter_sql92::testing {

using Properties = std::vector<std::pair<std::string, std::string>>;

constexpr int skip = GANTRY_VERDICT_SKIP, deliver = GANTRY_VERDICT_DELIVER,
              error = GANTRY_VERDICT_ERROR;

// A message that owns its properties, as text and parsed.
class Message {
 public:
  explicit Message(Properties properties) : properties_(std::move(properties)) {
    for (const auto& [name, value] : properties_) {
      sdk::fake::add_property(text_, name, value);
      parsed_.push_back({sdk::str(name), sdk::str(value)});
    }
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  gantry_message view(bool parsed) const {
    gantry_message message{};
    message.struct_size = sizeof message;
    if (parsed) {
      message.flags = GANTRY_MSG_PARSED;
      message.properties = parsed_.data();
      message.property_count = static_cast<uint32_t>(parsed_.size());
    } else {
      message.property_text = sdk::str(text_);
    }
    return message;
  }
  // Stored text can't hold an empty value, nor its own separators.
  bool can_be_text() const {
    for (const auto& [name, value] : properties_) {
      if (value.empty() || value.find_first_of("\x01\x02") != value.npos) return false;
    }
    return true;
  }

 private:
  Properties properties_;
  std::string text_;
  std::vector<gantry_property> parsed_;
};

struct Rig {
  explicit Rig(const sdk::fake::Settings& settings = {}, sdk::fake::HostOptions options = {})
      : host(std::move(options)), instance(host.load(gantry_plugin_v1, "filter_sql92", settings)) {}
  ~Rig() { release(); }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  void start() {
    host.start();
    table = &instance.table<gantry_filter>(GANTRY_CAP_FILTER, "SQL92");
  }

  gantry_status compile(std::string_view expression) {
    gantry_status status = GANTRY_FAULT;
    if (!table) start();
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

  gantry_status judge(const std::vector<gantry_message>& messages, std::vector<uint8_t>& verdicts,
                      uint32_t shard = 0) {
    const gantry_batch batch{sizeof batch, sizeof(gantry_message),
                             static_cast<uint32_t>(messages.size()), 0, messages.data()};
    gantry_status status = GANTRY_FAULT;
    verdicts.assign(messages.size(), 99);
    host.on_shard(
        [&](const gantry_call& call) {
          status = table->match(compiled.program, &call, &batch, verdicts.data());
          text = call.error->text;
        },
        shard);
    return status;
  }
  // Of one message, told once as text and once parsed.
  int verdict(const Properties& properties) {
    const Message message(properties);
    std::vector<gantry_message> views = {message.view(true)};
    if (message.can_be_text()) views.push_back(message.view(false));
    std::vector<uint8_t> verdicts;
    REQUIRE(judge(views, verdicts) == GANTRY_OK);
    if (views.size() == 2) REQUIRE(verdicts[0] == verdicts[1]);
    return verdicts[0];
  }
  // Compiles, and judges the message.
  int verdict(std::string_view expression, const Properties& properties) {
    INFO(expression);
    REQUIRE(compile(expression) == GANTRY_OK);
    return verdict(properties);
  }

  sdk::fake::Host host;
  sdk::fake::Instance& instance;
  const gantry_filter* table = nullptr;
  gantry_compiled compiled{};
  std::string text;  // of the last call's error
};

}  // namespace gantry::filter_sql92::testing
