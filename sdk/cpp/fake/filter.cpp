#include "cpp/fake/filter.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::fake {
namespace {

// The last namesake's value, as RocketMQ reads a property text.
std::string_view property(std::string_view text, std::string_view name) {
  std::string_view found;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find('\x02'));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    const size_t parts = piece.find('\x01');
    if (parts != piece.npos && piece.substr(0, parts) == name) found = piece.substr(parts + 1);
  }
  return found;
}

}  // namespace

gantry_status Filter::compile(const gantry_call& call, std::string expression,
                              gantry_compiled& out) {
  ++compiles;
  if (missing.contains(expression)) {
    return set_error(call.error, GANTRY_GONE, expression + " is not there");
  }
  if (expression.find('=') == expression.npos) {
    out.line = 1;
    out.column = static_cast<uint32_t>(expression.size()) + 1;
    return set_error(call.error, GANTRY_INVALID,
                     "column " + std::to_string(out.column) + ": = is expected");
  }
  ++live_;
  out.program = reinterpret_cast<gantry_program*>(new Program{this, std::move(expression)});
  return GANTRY_OK;
}

uint8_t Filter::look(const Program& program, const gantry_message& message) {
  ++looked_at;
  if (judge) return judge(program.expression, message);
  const size_t parts = program.expression.find('=');
  const std::string_view whole = program.expression;
  const bool same = property(view(message.property_text), whole.substr(0, parts)) ==
                    whole.substr(parts + 1);
  return same ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
}

const gantry_filter& Filter::vtable() {
  static constexpr auto compile = [](gantry_instance* self, const gantry_call* call,
                                     gantry_str expression, gantry_compiled* out) {
    return barrier(call->error, [&] {
      auto& filter = *reinterpret_cast<Filter*>(self);
      return filter.compile(*call, std::string(view(expression)), *out);
    });
  };
  static constexpr auto match = [](gantry_program* opaque, const gantry_call* call,
                                   const gantry_batch* batch, uint8_t* verdicts) {
    return barrier(call->error, [&] {
      const Program& program = *reinterpret_cast<Program*>(opaque);
      ++program.filter->asked;
      const auto* first = reinterpret_cast<const char*>(batch->first);
      for (uint32_t i = 0; i < batch->count; ++i) {
        const auto* message = reinterpret_cast<const gantry_message*>(first + i * batch->stride);
        verdicts[i] = program.filter->look(program, *message);
        if (verdicts[i] != GANTRY_VERDICT_ERROR) continue;
        set_error(call->error, GANTRY_FAULT, program.filter->trouble);
        std::fill(verdicts + i, verdicts + batch->count, uint8_t{GANTRY_VERDICT_ERROR});
        break;
      }
      return GANTRY_OK;
    });
  };
  static constexpr auto release = [](gantry_program* opaque) {
    auto* program = reinterpret_cast<Program*>(opaque);
    --program->filter->live_;
    delete program;
  };
  static constexpr auto match_index = [](gantry_program* opaque, const gantry_call* call,
                                         const gantry_index_entry* entries, uint32_t count,
                                         uint8_t* verdicts) {
    return barrier(call->error, [&] {
      const Program& program = *reinterpret_cast<Program*>(opaque);
      const auto& judge = program.filter->judge_index;
      for (uint32_t i = 0; i < count; ++i) {
        verdicts[i] = judge ? judge(program.expression, entries[i]) : uint8_t{GANTRY_VERDICT_LOOK};
      }
      return GANTRY_OK;
    });
  };
  static constexpr auto bound = [](gantry_instance* self, const gantry_call*, gantry_str topic,
                                   gantry_str group, gantry_str* expression) -> gantry_status {
    const auto& all = reinterpret_cast<Filter*>(self)->bound;
    const auto found = all.find({std::string(view(topic)), std::string(view(group))});
    if (found == all.end()) return GANTRY_GONE;
    *expression = str(found->second);
    return GANTRY_OK;
  };
  static constexpr gantry_filter table{sizeof table, 0,           compile, match,
                                       release,      match_index, bound};
  return table;
}

}  // namespace gantry::sdk::fake
