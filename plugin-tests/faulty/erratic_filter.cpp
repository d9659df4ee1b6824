// A filter without a barrier: what it does to the messages it judges is what its expression says. It
// throws when that says nothing it knows.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "faulty.hpp"

struct gantry_program {
  std::string deed;
};

namespace {

gantry_status compile(gantry_instance*, const gantry_call*, gantry_str expression,
                      gantry_compiled* out) {
  out->program = new gantry_program{std::string(sdk::view(expression))};
  return GANTRY_OK;
}
gantry_status match(gantry_program* program, const gantry_call* call, const gantry_batch* batch,
                    uint8_t* verdicts) {
  if (program->deed == "fail") return sdk::set_error(call->error, GANTRY_FAULT, "it could not");
  const bool none = program->deed == "none";
  if (!none && program->deed != "error") throw std::runtime_error("nobody catches this");
  std::fill_n(verdicts, batch->count, none ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_ERROR);
  return GANTRY_OK;
}
void release(gantry_program* program) { delete program; }

constexpr gantry_filter filter = [] {
  gantry_filter table{};
  table.struct_size = sizeof table;
  table.compile = compile;
  table.match = match;
  table.release = release;
  return table;
}();

}  // namespace

FAULTY_OFFER(Sound, GANTRY_CAP_FILTER, "ERRATIC", filter);
