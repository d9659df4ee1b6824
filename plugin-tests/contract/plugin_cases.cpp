// host/plugins.h: what a module reads there of itself.
#include "probe.hpp"

namespace gantry::contract {
namespace {

using sdk::str;
using sdk::view;

// Its own place in the list; as many as there are: it isn't there.
uint32_t own_index(Run& run, const gantry_call& call, gantry_instance_facts& facts) {
  const gantry_plugins& plugins = run.probe.plugins;
  const gantry_host* host = run.probe.host();
  const uint32_t count = plugins.count(host);
  for (uint32_t i = 0; i < count; ++i) {
    facts = {};
    facts.struct_size = sizeof facts;
    run.expect_status(plugins.instance(host, &call, i, &facts), GANTRY_OK, "instance");
    if (view(facts.name) == view(host->instance_name)) return i;
  }
  run.expect(false, "the module is one of the instances");
  return count;
}

gantry_instance_facts own(Run& run, const gantry_call& call) {
  gantry_instance_facts facts{};
  own_index(run, call, facts);
  return facts;
}

void the_host_tells_of_the_module_and_its_calls(Run& run, const gantry_call& call) {
  const gantry_plugins& plugins = run.probe.plugins;
  gantry_instance_facts facts{};
  const uint32_t index = own_index(run, call, facts);
  run.expect(view(facts.module) == "contract_probe", "its module");
  run.expect(view(facts.plugin) == "org.gantry.contract_probe", "its plugin's id");
  run.expect(view(facts.version) == "0.1", "its plugin's version");
  run.expect(facts.trouble.size == 0, "nothing is wrong with it");
  run.expect((facts.flags & GANTRY_INSTANCE_RUNNING) != 0, "it runs");
  run.expect(facts.offer_count == 2, "one offer, and its life");
  gantry_offer_figures handler{};
  handler.struct_size = sizeof handler;
  run.expect_status(plugins.offer(run.probe.host(), &call, index, 0, &handler), GANTRY_OK,
                    "the handler");
  run.expect(view(handler.id) == GANTRY_CAP_REQUEST_HANDLER, "the handler's id");
  run.expect(handler.calls > 0, "this call of the handler counts");
  run.expect(handler.flags == 0, "it has not tripped");
  gantry_offer_figures life{};
  life.struct_size = sizeof life;
  run.expect_status(plugins.offer(run.probe.host(), &call, index, 1, &life), GANTRY_OK, "its life");
  run.expect(life.id.size == 0, "its life has no id");
  run.finish();
}

void a_buffer_counts_with_the_module_while_it_holds_it(Run& run, const gantry_call& call) {
  const gantry_buffers& buffers = run.probe.buffers;
  const gantry_host* host = run.probe.host();
  const gantry_instance_facts before = own(run, call);
  gantry_slice slice{};
  uint8_t* writable = nullptr;
  run.expect_status(buffers.reserve(host, 1000, &slice, &writable), GANTRY_OK, "reserve");
  buffers.retain(host, slice.buffer);
  const gantry_instance_facts held = own(run, call);
  run.expect(held.buffers_retained == before.buffers_retained + 2, "two references");
  run.expect(held.bytes_retained == before.bytes_retained + 2000, "the bytes of both");
  buffers.release(host, slice.buffer);
  buffers.release(host, slice.buffer);
  const gantry_put_result put = run.append(call, run.probe.fresh_topic(call), "a record");
  const auto size = static_cast<uint64_t>(put.log_end - put.log_begin);
  gantry_slice record{};
  const gantry_status read =
      run.probe.commitlog.read(host, put.log_begin, size, 0, &record);
  const gantry_instance_facts reading = own(run, call);
  if (read == GANTRY_OK) {
    run.expect(reading.buffers_retained == before.buffers_retained + 1, "what was read counts");
    run.expect(reading.bytes_retained >= before.bytes_retained + size, "with its bytes");
    buffers.release(host, record.buffer);
  }
  const gantry_instance_facts after = own(run, call);
  run.expect(after.buffers_retained == before.buffers_retained, "all given back");
  run.expect(after.bytes_retained == before.bytes_retained, "with all their bytes");
  run.finish();
}

void what_there_are_fewer_of_is_gone(Run& run, const gantry_call& call) {
  const gantry_plugins& plugins = run.probe.plugins;
  const gantry_host* host = run.probe.host();
  gantry_instance_facts facts{};
  const uint32_t index = own_index(run, call, facts);
  run.expect_status(plugins.instance(host, &call, plugins.count(host), &facts), GANTRY_GONE,
                    "one instance more");
  gantry_offer_figures figures{};
  figures.struct_size = sizeof figures;
  run.expect_status(plugins.offer(host, &call, index, facts.offer_count, &figures), GANTRY_GONE,
                    "one offer more");
  run.expect_status(plugins.offer(host, &call, plugins.count(host), 0, &figures), GANTRY_GONE,
                    "an offer of one instance more");
  run.finish();
}

}  // namespace

void add_plugin_cases(std::map<std::string_view, Case>& cases) {
  cases["the_host_tells_of_the_module_and_its_calls"] = the_host_tells_of_the_module_and_its_calls;
  cases["a_buffer_counts_with_the_module_while_it_holds_it"] =
      a_buffer_counts_with_the_module_while_it_holds_it;
  cases["what_there_are_fewer_of_is_gone"] = what_there_are_fewer_of_is_gone;
}

}  // namespace gantry::contract
