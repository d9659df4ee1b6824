#include "filter_lua.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <cstring>

#include "cpp/values.hpp"
#include "protocol/codes.hpp"
#include "protocol/json.hpp"

namespace gantry::filter_lua {
namespace {

LibraryOptions options_of(const sdk::Host& host) {
  const auto number = [&](const char* key) {
    return static_cast<uint64_t>(host.setting_i64(key));
  };
  LibraryOptions out;
  out.folder = host.setting_str("scripts");
  if (out.folder.empty()) out.folder = host.data_dir();
  while (out.folder.size() > 1 && out.folder.back() == '/') out.folder.pop_back();
  out.limits = {.instructions_max = number("instructions_max"),
                .memory_bytes_max = number("memory_bytes_max"),
                .run_us_max = number("run_us_max")};
  out.breaker = {.failures_max = static_cast<uint32_t>(number("failures_max")),
                 .pause_ns = number("retry_ms") * 1'000'000,
                 .pause_ns_max = std::max(number("retry_ms_max"), number("retry_ms")) * 1'000'000};
  out.script_bytes_max = number("script_bytes_max");
  out.uses_max = number("uses_max");
  return out;
}

OnError default_on_error(const sdk::Host& host) {
  const std::string word = host.setting_str("on_error");
  if (const auto on_error = on_error_of(word)) return *on_error;
  throw sdk::Refusal(GANTRY_INVALID,
                     "setting on_error is '" + word + "': it is deliver, skip or stop");
}

std::string hex(uint64_t number) {
  char digits[17];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, 16);
  return {digits, end.ptr};
}

// "source:3: ..." is about line 3.
uint32_t line_of(std::string_view fault) {
  uint32_t line = 0;
  const size_t colon = fault.find(':');
  if (colon != std::string_view::npos) {
    std::from_chars(fault.data() + colon + 1, fault.data() + fault.size(), line);
  }
  return line;
}

}  // namespace

FilterLua::FilterLua(const gantry_host* host)
    : FilterModule(host),
      bindings_(host_),
      library_(host_, options_of(host_)),
      sources_(host_.setting_bool("sources")),
      on_error_(default_on_error(host_)),
      scan_ms_(static_cast<uint64_t>(host_.setting_i64("scan_ms"))) {}

gantry_status FilterLua::start(gantry_token) {
  timer_ = &host_.service<gantry_timer>(GANTRY_HOST_TIMER);
  requests_ = &host_.service<gantry_requests>(GANTRY_HOST_REQUESTS);
  buffers_ = &host_.service<gantry_buffers>(GANTRY_HOST_BUFFERS);
  const auto& clock = host_.service<gantry_clock>(GANTRY_HOST_CLOCK);
  library_.look(clock.now_ms(host_.raw()), false);
  const std::vector<FileState> files = library_.files();
  for (const std::string& script : bindings_.scripts()) {
    const auto is_it = [&](const FileState& file) { return file.name == script; };
    if (std::none_of(files.begin(), files.end(), is_it)) {
      host_.error("script " + script + " is bound, and there is none: who reads what it is bound to "
                  "gets an error until there is");
    }
  }
  resume();
  return GANTRY_OK;
}

void FilterLua::resume() {
  timer_->every(
      host_.raw(), 0, scan_ms_,
      [](void* self, const gantry_call*) { static_cast<FilterLua*>(self)->tick(); }, this,
      &ticking_);
}

gantry_status FilterLua::quiesce(gantry_token) {
  timer_->cancel(host_.raw(), ticking_);
  return GANTRY_OK;
}

// A look that takes longer than scan_ms is not joined by another.
void FilterLua::tick() {
  if (looking_.exchange(true)) return;
  const auto look = [](void* self, const gantry_call* call, gantry_status status, const void*) {
    auto& module = *static_cast<FilterLua*>(self);
    if (status == GANTRY_OK) {
      sdk::barrier(call->error, [&] {
        module.library_.look(call->now_ms, false);
        return GANTRY_OK;
      });
    }
    module.looking_ = false;
  };
  if (timer_->work(host_.raw(), {look, this}) < GANTRY_OK) looking_ = false;  // the next one does it
}

std::unique_ptr<LuaProgram> FilterLua::compile(const gantry_call& call, std::string_view text) {
  Expression expression;
  if (auto wrong = parse(text, expression)) throw sdk::ExpressionError(1, 1, std::move(*wrong));
  const OnError on_error = expression.on_error.value_or(on_error_);
  if (!expression.script.empty()) {
    return std::make_unique<LuaProgram>(
        library_, library_.find(expression.script, expression.arguments, call.now_ms), on_error);
  }
  if (!sources_) {
    throw sdk::ExpressionError(
        1, 1, "the name of a script is expected: texts of Lua are not permitted here");
  }
  try {
    return std::make_unique<LuaProgram>(library_, library_.source(expression.source, call.now_ms),
                                        on_error);
  } catch (const sdk::Refusal& refusal) {
    if (refusal.status() != GANTRY_INVALID) throw;
    const uint32_t line = line_of(refusal.what());
    throw sdk::ExpressionError(line, line == 0 ? 0 : 1, refusal.what());
  }
}

std::optional<std::string_view> FilterLua::bound(const gantry_call&, std::string_view topic,
                                                 std::string_view group) const {
  return bindings_.find(topic, group);
}

std::unique_ptr<LuaCall> FilterLua::prepare(const gantry_call& call,
                                            std::span<const gantry_value> constants) {
  if (constants.empty() || constants[0].kind != GANTRY_STR) {
    throw sdk::Refusal(GANTRY_INVALID,
                       "argument 1 is the name of a script, a text in the expression itself");
  }
  const std::string name(sdk::view(constants[0].as.s));
  if (!is_script_name(name)) {
    throw sdk::Refusal(GANTRY_INVALID, "argument 1 is no name of a script: '" + name + "'");
  }
  return std::make_unique<LuaCall>(library_, library_.find(name, "", call.now_ms));
}

void FilterLua::facts(const gantry_call&, sdk::Facts& out) const {
  for (const FileState& file : library_.files()) {
    const std::string subject = "script " + file.name;
    out.add(subject, "version", hex(file.version));
    out.add(subject, "loaded_ms", file.loaded_ms);
    out.add(subject, "file_missing", file.missing);
    if (!file.last_error.empty()) out.add(subject, "load_error", file.last_error);
  }
  library_.each_use([&](const std::string&, const Script& script) {
    const ScriptFigures figures = script.figures();
    const std::string subject = "use of " + script.what();
    out.add(subject, "version", hex(script.published()->source().version));
    out.add(subject, "loaded_ms", script.loaded_ms());
    out.add(subject, "calls", figures.calls);
    out.add(subject, "matches", figures.matches);
    out.add(subject, "errors", figures.errors);
    out.add(subject, "overruns", figures.overruns);
    out.add(subject, "skipped_by_errors", figures.skipped);
    out.add(subject, "instructions", figures.instructions);
    out.add(subject, "instructions_per_call",
            figures.calls == 0 ? 0.0
                               : static_cast<double>(figures.instructions) /
                                     static_cast<double>(figures.calls));
    out.add(subject, "memory_bytes", figures.memory_bytes);
    out.add(subject, "paused", script.paused());
    if (const std::string error = script.last_error(); !error.empty()) {
      out.add(subject, "last_error", error);
    }
  });
}

gantry_status FilterLua::handle(const gantry_call&, const gantry_request&, gantry_token token,
                                uint32_t) {
  auto reload = std::make_unique<Reload>(Reload{this, token});
  const auto look = [](void* context, const gantry_call* call, gantry_status status, const void*) {
    const std::unique_ptr<Reload> owned(static_cast<Reload*>(context));
    if (status != GANTRY_OK) return;  // the node stops, and its clients with it
    sdk::barrier(call->error, [&] {
      owned->module->answer(owned->token, call->now_ms);
      return GANTRY_OK;
    });
  };
  if (const gantry_status status = timer_->work(host_.raw(), {look, reload.get()});
      status < GANTRY_OK) {
    throw sdk::Refusal(status, "the workers are busy, try again", protocol::response_code::system_busy);
  }
  reload.release();
  return GANTRY_PENDING;
}

void FilterLua::answer(gantry_token token, int64_t now_ms) {
  const Library::Looked looked = library_.look(now_ms, true);
  boost::json::array loaded, failed, scripts;
  for (const std::string& name : looked.loaded) loaded.emplace_back(name);
  for (const FileState& file : looked.failed) {
    failed.push_back({{"script", file.name}, {"error", file.last_error}});
  }
  for (const FileState& file : library_.files()) {
    if (file.version == 0) continue;
    scripts.push_back({{"script", file.name},
                       {"version", hex(file.version)},
                       {"loaded_ms", file.loaded_ms},
                       {"file_missing", file.missing}});
  }
  const std::string body = protocol::write_json(boost::json::object(
      {{"loaded", std::move(loaded)}, {"failed", std::move(failed)}, {"scripts", std::move(scripts)}}));
  gantry_slice slice{};
  uint8_t* room = nullptr;
  gantry_response response{};
  response.struct_size = sizeof response;
  if (buffers_->reserve(host_.raw(), body.size(), &slice, &room) == GANTRY_OK) {
    std::memcpy(room, body.data(), body.size());
    response.body = &slice;
    response.body_count = 1;
  } else {
    response.code = protocol::response_code::system_busy;
    response.remark = sdk::str("no memory for the answer");
  }
  requests_->respond(host_.raw(), token, &response);
}

}  // namespace gantry::filter_lua
