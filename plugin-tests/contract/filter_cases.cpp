// gantry.filter through a binding, as whoever reads queues uses it. The filter is the real one of
// tags; hosts without it pass.
#include <memory>

#include "cpp/filter.hpp"
#include "probe.hpp"

namespace gantry::contract {
namespace {

using sdk::str;

// Compiles on a worker and goes on there. `with` gets null when it failed.
void compile(Run& run, std::string_view expression,
             std::function<void(const gantry_call&, std::unique_ptr<sdk::Program>, gantry_status,
                                sdk::Program::Place)>
                 with) {
  run.probe.timer.work(
      run.probe.host(),
      run.on([&run, text = std::string(expression), with](const gantry_call& call, gantry_status,
                                                          const void*) {
        gantry_status status = GANTRY_OK;
        sdk::Program::Place place;
        auto program = sdk::Program::compile(run.probe.capabilities, run.probe.tags, call, text,
                                             status, place);
        with(call, std::move(program), status, place);
      }));
}

void a_filter_is_found_by_its_expression_type(Run& run, const gantry_call&) {
  if (run.probe.tags) {
    gantry_str names[4];
    const uint32_t count =
        run.probe.capabilities.list(run.probe.host(), GANTRY_CAP_FILTER, names, 4);
    run.expect(count == 1 && sdk::view(names[0]) == "TAG", "the list names the type");
  }
  run.expect_status(run.probe.bind_of_no_type, GANTRY_GONE, "a type nobody offers");
  run.finish();
}

void a_filter_judges_entries_then_messages(Run& run, const gantry_call&) {
  if (!run.probe.tags) return run.finish();
  // A hash may be two tags': "Aa" and "BB" have the same.
  compile(run, "Aa || C", [&run](const gantry_call& call, auto program, auto status, auto) {
    run.expect_status(status, GANTRY_OK, "compile");
    if (!program) return run.finish();
    run.expect(!program->stale(), "the filter was not reloaded");
    gantry_index_entry entries[3]{};
    entries[0].code = 2112;  // of Aa, and of BB
    entries[1].code = 65;    // of A
    entries[2].code = 67;    // of C
    uint8_t verdicts[3] = {9, 9, 9};
    run.expect_status(program->match_index(call, entries, verdicts), GANTRY_OK, "match_index");
    run.expect(verdicts[0] == GANTRY_VERDICT_LOOK && verdicts[1] == GANTRY_VERDICT_SKIP &&
                   verdicts[2] == GANTRY_VERDICT_LOOK,
               "verdicts of entries");
    gantry_message messages[2]{};
    for (gantry_message& message : messages) message.struct_size = sizeof message;
    messages[0].property_text = str("TAGS\x01" "Aa\x02");
    messages[1].property_text = str("TAGS\x01" "BB\x02");
    const gantry_batch batch{sizeof batch, sizeof messages[0], 2, 0, messages};
    run.expect_status(program->match(call, batch, verdicts), GANTRY_OK, "match");
    run.expect(verdicts[0] == GANTRY_VERDICT_DELIVER && verdicts[1] == GANTRY_VERDICT_SKIP,
               "verdicts of messages");
    program.reset();
    run.finish();
  });
}

void a_filter_says_where_an_expression_is_wrong(Run& run, const gantry_call&) {
  if (!run.probe.tags) return run.finish();
  compile(run, "||", [&run](const gantry_call& call, auto program, auto status, auto place) {
    run.expect(!program, "no program comes of it");
    run.expect_status(status, GANTRY_INVALID, "compile");
    run.expect(place.line == 1 && place.column == 1, "line 1, column 1");
    run.expect(std::string_view(call.error->text).find("column 1") != std::string_view::npos,
               "the text names the place, too");
    run.finish();
  });
}

}  // namespace

void add_filter_cases(std::map<std::string_view, Case>& cases) {
  cases["a_filter_is_found_by_its_expression_type"] = a_filter_is_found_by_its_expression_type;
  cases["a_filter_judges_entries_then_messages"] = a_filter_judges_entries_then_messages;
  cases["a_filter_says_where_an_expression_is_wrong"] = a_filter_says_where_an_expression_is_wrong;
}

}  // namespace gantry::contract
