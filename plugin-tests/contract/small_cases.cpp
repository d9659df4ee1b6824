// settings.h, buffers.h, capabilities.h, clock.h, and a metadata store when one is offered.
#include "probe.hpp"

namespace gantry::contract {
namespace {

using sdk::str;
using sdk::view;

void settings_are_read_by_key(Run& run, const gantry_call&) {
  const gantry_settings& settings = run.probe.settings;
  const gantry_host* host = run.probe.host();
  gantry_value value{};
  run.expect_status(settings.get(host, str("number"), &value), GANTRY_OK, "number");
  run.expect(value.kind == GANTRY_I64 && value.as.i == 42, "number is 42");
  run.expect_status(settings.get(host, str("words"), &value), GANTRY_OK, "words");
  run.expect(value.kind == GANTRY_LIST && value.as.i == 2, "words has two items");
  run.expect_status(settings.item(host, str("words"), 1, &value), GANTRY_OK, "words[1]");
  run.expect(value.kind == GANTRY_STR && view(value.as.s) == "two", "words[1] is two");
  run.expect_status(settings.item(host, str("words"), 2, &value), GANTRY_GONE, "words[2]");
  run.expect_status(settings.get(host, str("undeclared"), &value), GANTRY_GONE, "undeclared");
  run.finish();
}

void every_module_may_know_the_node(Run& run, const gantry_call&) {
  const gantry_settings& settings = run.probe.settings;
  for (const char* key : {"node.cluster", "node.broker", "node.data_dir"}) {
    gantry_value value{};
    run.expect_status(settings.get(run.probe.host(), str(key), &value), GANTRY_OK, key);
    run.expect(value.kind == GANTRY_STR && value.as.s.size > 0, key);
  }
  for (const char* key : {"node.broker_id", "node.message_bytes_max"}) {
    gantry_value value{};
    run.expect_status(settings.get(run.probe.host(), str(key), &value), GANTRY_OK, key);
    run.expect(value.kind == GANTRY_I64 && value.as.i >= 0, key);
  }
  run.finish();
}

void a_buffer_lives_until_its_last_release(Run& run, const gantry_call& call) {
  const gantry_buffers& buffers = run.probe.buffers;
  const gantry_host* host = run.probe.host();
  gantry_slice slice{};
  uint8_t* writable = nullptr;
  run.expect_status(buffers.reserve(host, 1000, &slice, &writable), GANTRY_OK, "reserve");
  run.expect(writable == slice.data && slice.size == 1000, "the slice is what was asked for");
  for (int i = 0; i < 1000; ++i) writable[i] = static_cast<uint8_t>(i);
  buffers.retain(host, slice.buffer);
  buffers.release(host, slice.buffer);
  run.expect(slice.data[999] == static_cast<uint8_t>(999), "still there after one release");
  buffers.release(host, slice.buffer);
  for (const uint64_t size : {1, 17, 100'000}) {
    uint8_t* scratch = buffers.scratch(call.arena, size);
    run.expect(scratch && reinterpret_cast<uintptr_t>(scratch) % 16 == 0, "scratch is aligned");
    if (scratch) scratch[size - 1] = 1;
  }
  run.finish();
}

void binding_what_nobody_offers_is_gone(Run& run, const gantry_call&) {
  run.expect_status(run.probe.bind_of_nobody, GANTRY_GONE, "bind of what nobody offers");
  run.expect(run.probe.bind_of_undeclared < 0, "bind of an id that is not among the needs");
  gantry_str name{};
  run.expect(
      run.probe.capabilities.list(run.probe.host(), "org.gantry.contract.nobody/0", &name, 1) == 0,
      "list of what nobody offers is empty");
  run.expect(run.probe.host()->service(run.probe.host(), "gantry.host.timer/999") == nullptr,
             "a service in an unknown revision is null");
  run.finish();
}

void time_goes_on_with_the_call(Run& run, const gantry_call& call) {
  const gantry_host* host = run.probe.host();
  run.expect(run.probe.clock.now_ms(host) >= call.now_ms, "the wall clock is not behind the call");
  const uint64_t ahead_ns = run.probe.clock.now_ns(host) - call.now_ns;
  run.expect(ahead_ns < 60'000'000'000, "the steady clock is that of the call, and not behind it");
  run.finish();
}

void a_level_that_is_not_known_counts_as_the_next_lower_one(Run& run, const gantry_call&) {
  const gantry_logging& logging = run.probe.logging;
  const gantry_host* host = run.probe.host();
  constexpr uint32_t pairs[][2] = {{0, GANTRY_LOGGING_DEBUG},          {15, GANTRY_LOGGING_DEBUG},
                                   {25, GANTRY_LOGGING_INFO},          {39, GANTRY_LOGGING_WARN},
                                   {0xffffffff, GANTRY_LOGGING_ERROR}};
  for (const auto& [level, as] : pairs) {
    run.expect(logging.enabled(host, level) == logging.enabled(host, as), std::to_string(level));
    logging.write(host, level, str("a level of " + std::to_string(level)));
  }
  run.finish();
}

// Calls the bound store; a store that does not run is a failure of the case.
template <class F>
void with_store(Run& run, const gantry_call& call, F&& body) {
  sdk::Lease<gantry_metadata_store> store(run.probe.capabilities, run.probe.metadata, &call);
  run.expect(static_cast<bool>(store), "enter");
  if (store) store.end(body(*store.operator->(), store.self()));
}

void write(Run& run, const gantry_call& call, gantry_bytes value, Run::Then then) {
  with_store(run, call, [&](const gantry_metadata_store& store, gantry_instance* self) {
    const gantry_document document{str("contract"), sdk::bytes(std::string_view("key")), value};
    const gantry_status status =
        store.write(self, &call, &document, 1, GANTRY_WRITE_NOW, run.on(std::move(then)));
    run.expect_status(status, GANTRY_OK, "write");
    return status;
  });
}

// On a worker: what a scan and a read of the document find.
void expect_stored(Run& run, const gantry_call& call, bool there) {
  with_store(run, call, [&](const gantry_metadata_store& store, gantry_instance* self) {
    std::string scanned;
    const auto each = [](void* context, const gantry_document* document) {
      *static_cast<std::string*>(context) += view(document->key);
      *static_cast<std::string*>(context) += view(document->value);
      return gantry_status{GANTRY_OK};
    };
    const gantry_status status =
        store.scan(self, &call, str("contract"), gantry_bytes{}, each, &scanned);
    run.expect_status(status, GANTRY_OK, "scan");
    run.expect(scanned == (there ? "keyvalue" : ""), "scan found " + scanned);
    gantry_slice slice{};
    const gantry_status read =
        store.read(self, &call, str("contract"), sdk::bytes(std::string_view("key")), &slice);
    run.expect_status(read, there ? GANTRY_OK : GANTRY_GONE, "read");
    if (read == GANTRY_OK) {
      run.expect(std::string_view(reinterpret_cast<const char*>(slice.data), slice.size) == "value",
                 "the value read");
      run.probe.buffers.release(run.probe.host(), slice.buffer);
    }
    return status;
  });
}

// To a worker, where a store may be read; then back to the shard.
void check_stored(Run& run, uint32_t shard, bool there,
                  std::function<void(const gantry_call&)> then) {
  const auto on_worker = [&run, shard, there, then](const gantry_call& call, gantry_status,
                                                    const void*) {
    expect_stored(run, call, there);
    run.probe.timer.post(
        run.probe.host(), shard,
        run.on([then](const gantry_call& back, gantry_status, const void*) { then(back); }));
  };
  run.probe.timer.work(run.probe.host(), run.on(on_worker));
}

void metadata_is_written_scanned_read_and_erased(Run& run, const gantry_call& call) {
  if (!run.probe.metadata) return run.finish();  // nobody offers one here
  const uint32_t shard = call.shard;
  const auto erased = [&run, shard](const gantry_call&, gantry_status status, const void*) {
    run.expect_status(status, GANTRY_OK, "the erasure's completion");
    check_stored(run, shard, false, [&run](const gantry_call&) { run.finish(); });
  };
  write(run, call, sdk::bytes(std::string_view("value")),
        [&run, shard, erased](const gantry_call&, gantry_status status, const void*) {
          run.expect_status(status, GANTRY_OK, "the write's completion");
          check_stored(run, shard, true, [&run, erased](const gantry_call& back) {
            write(run, back, gantry_bytes{}, erased);
          });
        });
}

}  // namespace

void add_small_cases(std::map<std::string_view, Case>& cases) {
  cases["settings_are_read_by_key"] = settings_are_read_by_key;
  cases["every_module_may_know_the_node"] = every_module_may_know_the_node;
  cases["a_buffer_lives_until_its_last_release"] = a_buffer_lives_until_its_last_release;
  cases["binding_what_nobody_offers_is_gone"] = binding_what_nobody_offers_is_gone;
  cases["time_goes_on_with_the_call"] = time_goes_on_with_the_call;
  cases["a_level_that_is_not_known_counts_as_the_next_lower_one"] =
      a_level_that_is_not_known_counts_as_the_next_lower_one;
  cases["metadata_is_written_scanned_read_and_erased"] =
      metadata_is_written_scanned_read_and_erased;
}

}  // namespace gantry::contract
