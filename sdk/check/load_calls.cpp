// The part of a Load that calls a module's tables itself: filters, put hooks, index codes, stores;
// functions are in load_functions.cpp.
#include <gantry/cap/filter.h>
#include <gantry/cap/index_code.h>
#include <gantry/cap/metadata_store.h>
#include <gantry/cap/put_hook.h>
#include <gantry/cap/queue_index.h>
#include <gantry/host/commitlog.h>

#include "check/batch.hpp"
#include "check/load.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::check {
namespace {

constexpr int rounds = 24;
constexpr uint32_t batch_records = 8;

void judge(const gantry_filter& table, gantry_program* program, const gantry_call& call,
           Words& words) {
  const Batch batch(words, batch_records);
  uint8_t verdicts[batch_records + 1] = {};
  verdicts[batch_records] = 0x5A;
  static_cast<void>(table.match(program, &call, &batch.get(), verdicts));
  gantry_index_entry entries[batch_records] = {};
  for (gantry_index_entry& entry : entries)
    entry = {words.number(), words.number(), static_cast<int32_t>(words.below(1024)), 0};
  if (table.match_index)
    static_cast<void>(table.match_index(program, &call, entries, batch_records, verdicts));
  if (verdicts[batch_records] != 0x5A)
    throw Failed("a filter wrote more verdicts than it was given messages");
}

}  // namespace

void Load::add_filters() {
  if (!rig_.offer(GANTRY_CAP_FILTER)) return;
  const auto& table = rig_.instance().table<gantry_filter>(GANTRY_CAP_FILTER);
  for (int i = 0; i < rounds; ++i)
    add("a filter's expression", [this, &table] {
      gantry_compiled compiled{};
      compiled.struct_size = sizeof compiled;
      gantry_status status = GANTRY_OK;
      rig_.host.on_worker([&](const gantry_call& call) {
        const std::string expression = words_.expression();
        status = table.compile(rig_.instance().self(), &call, str(expression), &compiled);
      });
      if (status != GANTRY_OK && compiled.program)
        throw Failed("a filter refused an expression and yet gave a program");
      if (status == GANTRY_OK && !compiled.program)
        throw Failed("a filter took an expression and gave no program");
      if (!compiled.program) return;
      rig_.host.on_shard(
          [&](const gantry_call& call) { judge(table, compiled.program, call, words_); });
      table.release(compiled.program);
    });
}

void Load::add_puts() {
  if (!rig_.offer(GANTRY_CAP_PUT_HOOK)) return;
  const auto& hook = rig_.instance().table<gantry_put_hook>(GANTRY_CAP_PUT_HOOK);
  for (int i = 0; i < rounds; ++i)
    add("a put", [this, &hook] {
      Batch batch(words_, 1);
      std::string properties(view(batch[0].property_text));
      if (hook.when_count > 0)
        fake::add_property(properties, view(hook.when[words_.below(hook.when_count)]), "1");
      batch[0].property_text = str(properties);
      gantry_put put{};
      put.struct_size = sizeof put;
      put.count = put.span = 1;
      put.stride = sizeof(gantry_message);
      put.records = &batch[0];
      gantry_put_result result{};
      result.struct_size = sizeof result;
      const gantry_host* host = rig_.instance().host();
      const auto& log =
          *static_cast<const gantry_commitlog*>(host->service(host, GANTRY_HOST_COMMITLOG));
      rig_.host.on_shard([&](const gantry_call& call) {
        static_cast<void>(log.append(host, &call, &put, &result));
      });
    });
}

void Load::add_codes() {
  if (!rig_.offer(GANTRY_CAP_INDEX_CODE)) return;
  const auto& table = rig_.instance().table<gantry_index_code>(GANTRY_CAP_INDEX_CODE);
  for (int i = 0; i < rounds; ++i)
    add("an index code", [this, &table] {
      Batch batch(words_, 1);
      if (table.topic_count > 0) batch[0].topic = table.topics[words_.below(table.topic_count)];
      int64_t codes[2] = {};
      for (int64_t& code : codes)
        rig_.host.on_shard([&](const gantry_call& call) {
          code = table.code(rig_.instance().self(), &call, &batch[0]);
        });
      if (codes[0] != codes[1]) throw Failed("two codes for one record");
    });
}

void Load::add_stores() {
  if (rig_.offer(GANTRY_CAP_METADATA_STORE)) {
    const auto& table = rig_.instance().table<gantry_metadata_store>(GANTRY_CAP_METADATA_STORE);
    for (int i = 0; i < rounds; ++i)
      add("a document", [this, &table] {
        const std::string key = "k" + words_.name().substr(0, 400);
        const std::string value = words_.body();
        const gantry_document document{str("checks"), bytes(std::string_view(key)),
                                       bytes(std::string_view(value))};
        const gantry_completion then{[](void*, const gantry_call*, gantry_status, const void*) {},
                                     nullptr};
        rig_.host.on_shard([&](const gantry_call& call) {
          static_cast<void>(table.write(rig_.instance().self(), &call, &document, 1,
                                        words_.one_in(2) ? GANTRY_WRITE_NOW : 0, then));
        });
      });
  }
  if (!rig_.offer(GANTRY_CAP_QUEUE_INDEX)) return;
  const auto& index = rig_.instance().table<gantry_queue_index>(GANTRY_CAP_QUEUE_INDEX);
  for (int i = 0; i < rounds; ++i)
    add(
        "a look at a queue",
        [this, &index] {
          const std::string topic = words_.name();
          gantry_queue_bounds bounds{};
          gantry_index_entry entries[batch_records] = {};
          uint32_t count = 0;
          rig_.host.on_worker([&](const gantry_call& call) {
            const auto queue_id = static_cast<int32_t>(words_.number());
            index.bounds(rig_.instance().self(), &call, str(topic), queue_id, &bounds);
            index.read(rig_.instance().self(), &call, str(topic), queue_id, 1, words_.number(),
                       entries, batch_records, &count);
            int64_t offset = 0;
            index.at_time(rig_.instance().self(), &call, str(topic), queue_id, 0, words_.number(),
                          &offset);
          });
          if (count > batch_records)
            throw Failed("queue_index.read gave more entries than it had room");
        },
        true);
}

}  // namespace gantry::sdk::check
