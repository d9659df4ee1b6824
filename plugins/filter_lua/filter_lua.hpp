// FilterLua: the module. Everything of it is a script of its library; see plugin.cpp for what it
// offers, and each capability's header for the threads.
#pragma once

#include <gantry/cap/request_handler.h>

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "bindings.hpp"
#include "cpp/facts.hpp"
#include "cpp/filter.hpp"
#include "library.hpp"
#include "lua_program.hpp"

namespace gantry::filter_lua {

class FilterLua : public sdk::FilterModule {
 public:
  explicit FilterLua(const gantry_host* host);

  gantry_status start(gantry_token) override;
  gantry_status quiesce(gantry_token) override;
  void resume() override;

  // gantry.filter "LUA"
  std::unique_ptr<LuaProgram> compile(const gantry_call& call, std::string_view text);
  std::optional<std::string_view> bound(const gantry_call& call, std::string_view topic,
                                        std::string_view group) const;
  // gantry.function "lua"
  std::unique_ptr<LuaCall> prepare(const gantry_call& call,
                                   std::span<const gantry_value> constants);
  // gantry.facts
  void facts(const gantry_call& call, sdk::Facts& out) const;
  // gantry.request_handler: filter_reload, which answers {"loaded":[...],"failed":[...],...}
  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  void session_closed(const gantry_call&, gantry_session) {}

 private:
  struct Reload {
    FilterLua* module;
    gantry_token token;
  };
  void tick();
  void answer(gantry_token token, int64_t now_ms);

  const gantry_timer* timer_ = nullptr;
  const gantry_requests* requests_ = nullptr;
  const gantry_buffers* buffers_ = nullptr;
  const Bindings bindings_;
  Library library_;
  const bool sources_;
  const OnError on_error_;
  const uint64_t scan_ms_;
  gantry_token ticking_ = 0;
  std::atomic<bool> looking_{false};
};

}  // namespace gantry::filter_lua
