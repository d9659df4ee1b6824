// One function per capability: the constant table whose functions call a class's methods of the same
// name, through the barrier.
#pragma once

#include <gantry/cap/facts.h>
#include <gantry/cap/filter.h>
#include <gantry/cap/function.h>
#include <gantry/cap/index_code.h>
#include <gantry/cap/key_index.h>
#include <gantry/cap/log_consumer.h>
#include <gantry/cap/metadata_store.h>
#include <gantry/cap/put_hook.h>
#include <gantry/cap/queue_index.h>
#include <gantry/cap/request_handler.h>
#include <gantry/cap/store_check.h>

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "cpp/facts.hpp"
#include "cpp/filter.hpp"
#include "cpp/module.hpp"
#include "cpp/put_edit.hpp"

namespace gantry::sdk {

constexpr gantry_route route(int32_t code, uint32_t access) {
  return {sizeof(gantry_route), code, 0, access, nullptr, 0, 0};
}
template <size_t N>  // access FIELD: the kernel checks these resources
constexpr gantry_route route(int32_t code, const gantry_resource (&resources)[N]) {
  return {sizeof(gantry_route), code, 0, GANTRY_ACCESS_FIELD, resources, N, 0};
}

// Served only if no other instance of the door serves the code: a refusal that says what is missing.
constexpr gantry_route fallback_route(int32_t code, uint32_t access) {
  return {sizeof(gantry_route), code, GANTRY_ROUTE_FALLBACK, access, nullptr, 0, 0};
}

// T: gantry_status handle(const gantry_call&, const gantry_request&, gantry_token, uint32_t why);
//    void session_closed(const gantry_call&, gantry_session);
template <class T, size_t N>
constexpr gantry_request_handler request_handler(const gantry_route* const (&routes)[N]) {
  return {sizeof(gantry_request_handler), N, routes,
          [](gantry_instance* self, const gantry_call* call, const gantry_request* request,
             gantry_token token, uint32_t why) {
            return barrier(call->error,
                           [&] { return from<T>(self).handle(*call, *request, token, why); });
          },
          [](gantry_instance* self, const gantry_call* call, gantry_session session) {
            barrier(call->error, [&] {
              from<T>(self).session_closed(*call, session);
              return GANTRY_OK;
            });
          }};
}

// T: int64_t position();  void live(int64_t);  void truncate(int64_t);
//    gantry_status consume(const gantry_call&, const gantry_batch&, uint32_t& consumed);
//    int64_t persist(const gantry_call&, int64_t stable);
//    void trimmed(const gantry_call&, int64_t min_log_offset);  // if it wants to know
template <class T>
constexpr gantry_log_consumer log_consumer(uint32_t flags) {
  return {sizeof(gantry_log_consumer), flags,
          [](gantry_instance* self, int64_t* replay_from, gantry_error* error) {
            return barrier(error, [&] {
              *replay_from = from<T>(self).position();
              return GANTRY_OK;
            });
          },
          [](gantry_instance* self, const gantry_call* call, const gantry_batch* batch,
             uint32_t* consumed) {
            return barrier(call->error,
                           [&] { return from<T>(self).consume(*call, *batch, *consumed); });
          },
          [](gantry_instance* self, int64_t log_offset) {
            barrier(nullptr, [&] {
              from<T>(self).live(log_offset);
              return GANTRY_OK;
            });
          },
          [](gantry_instance* self, const gantry_call* call, int64_t stable, int64_t* persisted) {
            return barrier(call->error, [&] {
              *persisted = from<T>(self).persist(*call, stable);
              return GANTRY_OK;
            });
          },
          [](gantry_instance* self, int64_t log_offset, gantry_error* error) {
            return barrier(error, [&] {
              from<T>(self).truncate(log_offset);
              return GANTRY_OK;
            });
          },
          [](gantry_instance* self, const gantry_call* call, int64_t min_log_offset) {
            if constexpr (requires(T & consumer) { consumer.trimmed(*call, min_log_offset); }) {
              barrier(call->error, [&] {
                from<T>(self).trimmed(*call, min_log_offset);
                return GANTRY_OK;
              });
            }
          }};
}

// T: gantry_status read(const gantry_call*, gantry_str topic, int32_t queue_id, bool may_block,
//      int64_t from, gantry_index_entry* entries, uint32_t capacity, uint32_t& count);
//    gantry_status bounds(const gantry_call*, gantry_str topic, int32_t queue_id,
//      gantry_queue_bounds& out);
//    gantry_status at_time(const gantry_call&, gantry_str topic, int32_t queue_id, bool upper,
//      int64_t time_ms, int64_t& queue_offset);  // without it no queue has entries by time
template <class T>
constexpr gantry_queue_index queue_index() {
  return {sizeof(gantry_queue_index), 0,
          [](gantry_instance* self, const gantry_call* call, gantry_str topic, int32_t queue_id,
             uint32_t may_block, int64_t from_offset, gantry_index_entry* entries,
             uint32_t capacity, uint32_t* count) {
            return barrier(call ? call->error : nullptr, [&] {
              return from<T>(self).read(call, topic, queue_id, may_block != 0, from_offset, entries,
                                        capacity, *count);
            });
          },
          [](gantry_instance* self, const gantry_call* call, gantry_str topic, int32_t queue_id,
             gantry_queue_bounds* out) {
            return barrier(call ? call->error : nullptr,
                           [&] { return from<T>(self).bounds(call, topic, queue_id, *out); });
          },
          [](gantry_instance* self, const gantry_call* call, gantry_str topic, int32_t queue_id,
             uint32_t upper, int64_t time_ms, int64_t* queue_offset) -> gantry_status {
            if constexpr (requires(T & index) {
                            index.at_time(*call, topic, queue_id, true, time_ms, *queue_offset);
                          }) {
              return barrier(call->error, [&] {
                return from<T>(self).at_time(*call, topic, queue_id, upper != 0, time_ms,
                                             *queue_offset);
              });
            }
            return GANTRY_GONE;
          }};
}

// T: gantry_status write(const gantry_call*, std::span<const gantry_document>, uint32_t flags,
//      gantry_completion then);
//    gantry_status scan(gantry_str table, gantry_bytes from, each, void* context);
//    gantry_status read(gantry_str table, gantry_bytes key, gantry_slice& out);
template <class T>
constexpr gantry_metadata_store metadata_store() {
  return {sizeof(gantry_metadata_store), 0,
          [](gantry_instance* self, const gantry_call* call, const gantry_document* documents,
             uint32_t count, uint32_t flags, gantry_completion then) {
            return barrier(call ? call->error : nullptr, [&] {
              return from<T>(self).write(call, std::span(documents, count), flags, then);
            });
          },
          [](gantry_instance* self, const gantry_call* call, gantry_str table, gantry_bytes start,
             gantry_status (*each)(void*, const gantry_document*), void* context) {
            return barrier(call ? call->error : nullptr,
                           [&] { return from<T>(self).scan(table, start, each, context); });
          },
          [](gantry_instance* self, const gantry_call* call, gantry_str table, gantry_bytes key,
             gantry_slice* out) {
            return barrier(call ? call->error : nullptr,
                           [&] { return from<T>(self).read(table, key, *out); });
          }};
}

// T: gantry_status find(const gantry_call*, const gantry_key_query&, gantry_key_hits&);
template <class T>
constexpr gantry_key_index key_index() {
  return {sizeof(gantry_key_index), 0,
          [](gantry_instance* self, const gantry_call* call, const gantry_key_query* query,
             gantry_key_hits* hits) {
            return barrier(call ? call->error : nullptr,
                           [&] { return from<T>(self).find(call, *query, *hits); });
          }};
}

// T: int64_t open_check(const gantry_check_sink&);  the log offset covered
//    void check(const gantry_batch&);
//    void close_check(int64_t log_begin, int64_t log_end, gantry_check_counts&);
template <class T>
constexpr gantry_store_check store_check() {
  return {sizeof(gantry_store_check), 0,
          [](gantry_instance* self, const gantry_check_sink* sink, int64_t* covered,
             gantry_error* error) {
            return barrier(error, [&] {
              *covered = from<T>(self).open_check(*sink);
              return GANTRY_OK;
            });
          },
          [](gantry_instance* self, const gantry_batch* batch, gantry_error* error) {
            return barrier(error, [&] {
              from<T>(self).check(*batch);
              return GANTRY_OK;
            });
          },
          [](gantry_instance* self, int64_t log_begin, int64_t log_end, gantry_check_counts* counts,
             gantry_error* error) {
            return barrier(error, [&] {
              from<T>(self).close_check(log_begin, log_end, *counts);
              return GANTRY_OK;
            });
          }};
}

// T: gantry_status before(const gantry_call&, const gantry_put&, PutEdit&);
//    void appended(const gantry_call&, const gantry_put&, const gantry_put_result&);  // if it cares
// For every put; or for those with one of the properties `when`.
template <class T>
constexpr gantry_put_hook put_hook(std::span<const gantry_str> when = {}) {
  gantry_put_hook out{};
  out.struct_size = sizeof out;
  out.when_count = static_cast<uint32_t>(when.size());
  out.when = when.data();
  out.before = [](gantry_instance* self, const gantry_call* call, const gantry_put* put,
                  gantry_put_edit* opaque, const gantry_put_editor* editor) {
    return barrier(call->error, [&] {
      PutEdit edit(*call, opaque, *editor);
      return from<T>(self).before(*call, *put, edit);
    });
  };
  if constexpr (requires(T & hook, const gantry_call& call, const gantry_put& put,
                         const gantry_put_result& result) { hook.appended(call, put, result); }) {
    out.appended = [](gantry_instance* self, const gantry_call* call, const gantry_put* put,
                      const gantry_put_result* result) {
      barrier(call->error, [&] {
        from<T>(self).appended(*call, *put, *result);
        return GANTRY_OK;
      });
    };
  }
  return out;
}

// T: int64_t code(const gantry_call&, const gantry_message&);  // if it throws, the tag's hash stays
template <class T, size_t N>
constexpr gantry_index_code index_code(const gantry_str (&topics)[N]) {
  return {sizeof(gantry_index_code), N, topics,
          [](gantry_instance* self, const gantry_call* call, const gantry_message* message) {
            int64_t code = message->tag_code;
            barrier(call->error, [&] {
              code = from<T>(self).code(*call, *message);
              return GANTRY_OK;
            });
            return code;
          }};
}

// T: a FilterModule with
//    std::unique_ptr<P> compile(const gantry_call&, std::string_view);  // throws ExpressionError
//    std::optional<std::string_view> bound(const gantry_call&, std::string_view topic,
//      std::string_view group);  // if operators bind its expressions
// P: void match(const gantry_call&, const gantry_batch&, uint8_t* verdicts);
//    void match_index(const gantry_call&, std::span<const gantry_index_entry>,
//      uint8_t* verdicts);  // without it every entry is a LOOK
template <class T>
constexpr gantry_filter filter() {
  using P = typename decltype(std::declval<T&>().compile(std::declval<const gantry_call&>(),
                                                         std::string_view()))::element_type;
  struct Kept {
    FilterModule::Hold hold;  // given up last
    std::unique_ptr<P> program;
  };
  gantry_filter out{};
  out.struct_size = sizeof out;
  out.compile = [](gantry_instance* self, const gantry_call* call, gantry_str expression,
                   gantry_compiled* compiled) {
    return barrier(call->error, [&] {
      compiled->line = compiled->column = 0;
      compiled->program = nullptr;
      try {
        auto kept = std::unique_ptr<Kept>(
            new Kept{FilterModule::Hold(from<T>(self)), from<T>(self).compile(*call, view(expression))});
        compiled->program = reinterpret_cast<gantry_program*>(kept.release());
      } catch (const ExpressionError& wrong) {
        compiled->line = wrong.line();
        compiled->column = wrong.column();
        throw;
      }
      return GANTRY_OK;
    });
  };
  out.match = [](gantry_program* program, const gantry_call* call, const gantry_batch* batch,
                 uint8_t* verdicts) {
    return barrier(call->error, [&] {
      reinterpret_cast<Kept*>(program)->program->match(*call, *batch, verdicts);
      return GANTRY_OK;
    });
  };
  out.release = [](gantry_program* program) { delete reinterpret_cast<Kept*>(program); };
  if constexpr (requires(P & program, const gantry_call& call,
                         std::span<const gantry_index_entry> entries, uint8_t* verdicts) {
                  program.match_index(call, entries, verdicts);
                }) {
    out.match_index = [](gantry_program* program, const gantry_call* call,
                         const gantry_index_entry* entries, uint32_t count, uint8_t* verdicts) {
      return barrier(call->error, [&] {
        reinterpret_cast<Kept*>(program)->program->match_index(*call, std::span(entries, count),
                                                               verdicts);
        return GANTRY_OK;
      });
    };
  }
  if constexpr (requires(T & module, const gantry_call& call, std::string_view text) {
                  module.bound(call, text, text);
                }) {
    out.bound = [](gantry_instance* self, const gantry_call* call, gantry_str topic,
                   gantry_str group, gantry_str* expression) {
      return barrier(call->error, [&]() -> gantry_status {
        const std::optional<std::string_view> found =
            from<T>(self).bound(*call, view(topic), view(group));
        if (!found) return GANTRY_GONE;
        *expression = str(*found);
        return GANTRY_OK;
      });
    };
  }
  return out;
}

// T: a FilterModule, whose drain also waits for prepared calls, with
//    std::unique_ptr<P> prepare(const gantry_call&, std::span<const gantry_value> constants);
// P: gantry_status invoke(const gantry_call&, const gantry_message&,
//      std::span<const gantry_value> arguments, gantry_value& out);
template <class T>
constexpr gantry_function function() {
  using P = typename decltype(std::declval<T&>().prepare(
      std::declval<const gantry_call&>(), std::span<const gantry_value>()))::element_type;
  struct Kept {
    FilterModule::Hold hold;  // given up last
    std::unique_ptr<P> prepared;
  };
  gantry_function out{};
  out.struct_size = sizeof out;
  out.prepare = [](gantry_instance* self, const gantry_call* call, const gantry_value* constants,
                   uint32_t argument_count, gantry_prepared** prepared) {
    return barrier(call->error, [&] {
      *prepared = nullptr;
      auto kept = std::unique_ptr<Kept>(new Kept{
          FilterModule::Hold(from<T>(self)),
          from<T>(self).prepare(*call, std::span(constants, argument_count))});
      *prepared = reinterpret_cast<gantry_prepared*>(kept.release());
      return GANTRY_OK;
    });
  };
  out.invoke = [](gantry_prepared* prepared, const gantry_call* call,
                  const gantry_message* message, const gantry_value* arguments,
                  uint32_t argument_count, gantry_value* value) {
    return barrier(call->error, [&] {
      return reinterpret_cast<Kept*>(prepared)->prepared->invoke(
          *call, *message, std::span(arguments, argument_count), *value);
    });
  };
  out.release = [](gantry_prepared* prepared) { delete reinterpret_cast<Kept*>(prepared); };
  return out;
}

// T: a Module that needs GANTRY_HOST_BUFFERS, with
//    void facts(const gantry_call&, Facts&);
template <class T>
constexpr gantry_facts facts() {
  return {sizeof(gantry_facts), 0,
          [](gantry_instance* self, const gantry_call* call, gantry_fact* room, uint32_t most,
             uint32_t* count) {
            return barrier(call->error, [&] {
              T& module = from<T>(self);
              const auto& buffers =
                  module.host().template service<gantry_buffers>(GANTRY_HOST_BUFFERS);
              Facts found(buffers, *call, room, most);
              module.facts(*call, found);
              *count = found.count();
              return GANTRY_OK;
            });
          }};
}

}  // namespace gantry::sdk
