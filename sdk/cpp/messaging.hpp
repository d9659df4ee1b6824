// Tables of what a messaging module offers others: topics, groups, offsets, clients. All offers of
// an instance share one self, so the methods have names of their own.
#pragma once

#include <gantry/cap/clients.h>
#include <gantry/cap/groups.h>
#include <gantry/cap/offsets.h>
#include <gantry/cap/topics.h>

#include "cpp/module.hpp"

namespace gantry::sdk {

inline gantry_error* error_of(const gantry_call* call) {
  return call ? call->error : nullptr;
}

// T: gantry_status find_topic(const gantry_call&, gantry_str name, gantry_topic& out);
//    gantry_status ensure_topic(const gantry_call&, gantry_str name, const gantry_topic& wanted,
//      gantry_completion then);
//    gantry_status each_topic(each, void* context);
template <class T>
constexpr gantry_topics topics() {
  return {sizeof(gantry_topics), 0,
          [](gantry_instance* self, const gantry_call* call, gantry_str name, gantry_topic* out) {
            return barrier(error_of(call),
                           [&] { return from<T>(self).find_topic(*call, name, *out); });
          },
          [](gantry_instance* self, const gantry_call* call, gantry_str name,
             const gantry_topic* wanted, gantry_completion then) {
            return barrier(error_of(call),
                           [&] { return from<T>(self).ensure_topic(*call, name, *wanted, then); });
          },
          [](gantry_instance* self, const gantry_call* call,
             gantry_status (*each)(void*, gantry_str, const gantry_topic*), void* context) {
            return barrier(error_of(call), [&] { return from<T>(self).each_topic(each, context); });
          }};
}

// T: gantry_status find_group(const gantry_call&, gantry_str name, gantry_group& out);
//    gantry_status ensure_group(const gantry_call&, gantry_str name, gantry_completion then);
template <class T>
constexpr gantry_groups groups() {
  return {
      sizeof(gantry_groups), 0,
      [](gantry_instance* self, const gantry_call* call, gantry_str name, gantry_group* out) {
        return barrier(error_of(call), [&] { return from<T>(self).find_group(*call, name, *out); });
      },
      [](gantry_instance* self, const gantry_call* call, gantry_str name, gantry_completion then) {
        return barrier(error_of(call),
                       [&] { return from<T>(self).ensure_group(*call, name, then); });
      }};
}

// T: gantry_status get_offset(gantry_str group, gantry_str topic, int32_t queue_id, int64_t& out);
//    gantry_status commit_offset(gantry_str group, gantry_str topic, int32_t queue_id,
//      uint32_t how, int64_t offset);
template <class T>
constexpr gantry_offsets offsets() {
  return {sizeof(gantry_offsets), 0,
          [](gantry_instance* self, const gantry_call* call, gantry_str group, gantry_str topic,
             int32_t queue_id, int64_t* out) {
            return barrier(error_of(call),
                           [&] { return from<T>(self).get_offset(group, topic, queue_id, *out); });
          },
          [](gantry_instance* self, const gantry_call* call, gantry_str group, gantry_str topic,
             int32_t queue_id, uint32_t how, int64_t offset) {
            return barrier(error_of(call), [&] {
              return from<T>(self).commit_offset(group, topic, queue_id, how, offset);
            });
          }};
}

// T: gantry_status client_sessions(uint32_t role, gantry_str group, std::span<gantry_session> out,
//      uint32_t& count);
//    gantry_status find_client(uint32_t role, gantry_str group, gantry_str client_id,
//      gantry_session& out);
template <class T>
constexpr gantry_clients clients() {
  return {sizeof(gantry_clients), 0,
          [](gantry_instance* self, const gantry_call* call, uint32_t role, gantry_str group,
             gantry_session* out, uint32_t capacity, uint32_t* count) {
            return barrier(error_of(call), [&] {
              return from<T>(self).client_sessions(role, group, std::span(out, capacity), *count);
            });
          },
          [](gantry_instance* self, const gantry_call* call, uint32_t role, gantry_str group,
             gantry_str client_id, gantry_session* out) {
            return barrier(error_of(call),
                           [&] { return from<T>(self).find_client(role, group, client_id, *out); });
          }};
}

}  // namespace gantry::sdk
