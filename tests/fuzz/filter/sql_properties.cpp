#include "fuzz/filter/sql_properties.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "cpp/filter.hpp"
#include "cpp/values.hpp"
#include "filter_sql92/parser.hpp"
#include "filter_sql92/sql_program.hpp"
#include "fuzz/filter/sql_functions.hpp"
#include "fuzz/filter/sql_reference.hpp"
#include "protocol/properties.hpp"

namespace gantry::filter_sql92::fuzz {
namespace {

void check(bool promise) {
  if (!promise) std::abort();
}

// A call as the host makes it, of no shard.
struct Call {
  Call() {
    error.struct_size = sizeof error;
    call.struct_size = sizeof call;
    call.shard = GANTRY_NO_SHARD;
    call.error = &error;
  }
  gantry_error error{};
  gantry_call call{};
};

struct Bound {
  Bound() { functions.bind(host.host()); }
  FunctionHost host;
  Functions functions;
};

uint8_t verdict_of(SqlProgram& program, std::string_view properties) {
  Call call;
  gantry_message message{};
  message.struct_size = sizeof message;
  message.property_text = sdk::str(properties);
  const gantry_batch batch{sizeof batch, sizeof message, 1, 0, &message};
  uint8_t verdict = GANTRY_VERDICT_LOOK;
  program.match(call.call, batch, &verdict);
  return verdict;
}

bool is_verdict(uint8_t verdict) {
  return verdict == GANTRY_VERDICT_SKIP || verdict == GANTRY_VERDICT_DELIVER ||
         verdict == GANTRY_VERDICT_ERROR;
}

void check_place(std::string_view text, const sdk::ExpressionError& error) {
  uint32_t lines = 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  check(error.line() >= 1 && error.line() <= lines);
  check(error.column() >= 1 && error.column() <= text.size() + 1);
  check(std::string_view(error.what())
            .starts_with("line " + std::to_string(error.line()) + ", column " +
                         std::to_string(error.column()) + ": "));
}

// Whether it compiles; then it judges messages, among them itself.
bool judges(std::string_view text, bool java_trailing) {
  const Bound bound;
  const ParseOptions options{.java_trailing = java_trailing, .depth_max = 200, .terms_max = 2000};
  Call call;
  try {
    SqlProgram program(Parser(text, options, bound.functions, call.call).parse(), 1);
    check(is_verdict(verdict_of(program, "")));
    check(is_verdict(verdict_of(program, "a\x01" "1\x02" "b\x01x\x02" "c\x01")));
    check(is_verdict(verdict_of(program, text)));
  } catch (const sdk::ExpressionError& error) {
    check_place(text, error);
    check(bound.host.prepared() == 0);
    return false;
  }
  check(bound.host.prepared() == 0);
  return true;
}

const char* name_of(Answer answer) {
  return answer == Answer::deliver ? "deliver" : answer == Answer::skip ? "skip" : "error";
}

Answer answer_of(uint8_t verdict) {
  return verdict == GANTRY_VERDICT_DELIVER ? Answer::deliver
         : verdict == GANTRY_VERDICT_SKIP  ? Answer::skip
                                   : Answer::error;
}

}  // namespace

int expression(std::string_view text) {
  const bool strictly = judges(text, false);
  static_cast<void>(judges(text, true));
  // A "--" of the last line would begin a comment with the line's end that is added here.
  const std::string_view last_line = text.substr(text.find_last_of("\r\n") + 1);
  if (strictly && last_line.find("--") == last_line.npos)
    check(!judges(std::string(text) + "\n)", false));
  return 0;
}

bool same_meaning(std::span<const uint8_t> bytes) {
  Choices choices(bytes);
  const Node condition = make_condition(choices);
  const std::string text = write(condition, choices);
  const Bound bound;
  Call call;
  try {
    SqlProgram program(Parser(text, ParseOptions(), bound.functions, call.call).parse(), 1);
    for (int i = 0; i < 4; ++i) {
      std::string properties;
      const Record record = make_record(choices);
      for (const auto& [name, value] : record) protocol::append_property(properties, name, value);
      const Answer wanted = evaluate(condition, record);
      const Answer got = answer_of(verdict_of(program, properties));
      if (got == wanted) continue;
      std::fprintf(stderr, "%s\n%s: %s, not %s\n", text.c_str(), properties.c_str(), name_of(got),
                   name_of(wanted));
      return false;
    }
  } catch (const sdk::ExpressionError& error) {
    std::fprintf(stderr, "%s\n%s\n", text.c_str(), error.what());
    return false;
  }
  return true;
}

}  // namespace gantry::filter_sql92::fuzz
