// Cases of the constant tables behind gantry_plugin_v1. A node refuses most of these, too
// (kernel/plugin), but stops at the first.
#include <gantry/cap/clients.h>
#include <gantry/cap/filter.h>
#include <gantry/cap/function.h>
#include <gantry/cap/groups.h>
#include <gantry/cap/index_code.h>
#include <gantry/cap/key_index.h>
#include <gantry/cap/log_consumer.h>
#include <gantry/cap/metadata_store.h>
#include <gantry/cap/offsets.h>
#include <gantry/cap/put_hook.h>
#include <gantry/cap/queue_index.h>
#include <gantry/cap/request_handler.h>
#include <gantry/cap/store_check.h>
#include <gantry/cap/topics.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string_view>

#include "check/case.hpp"
#include "cpp/fake/library.hpp"

namespace gantry::sdk::check {
namespace {

// How large a table is, and which of its words are functions that must be there.
struct Shape {
  std::string_view id;
  size_t size;
  size_t first_function;
  size_t functions_end;
};

#define SHAPE(id, type, first) \
  { id, sizeof(type), offsetof(type, first), sizeof(type) }
constexpr Shape shapes[] = {
    SHAPE(GANTRY_CAP_REQUEST_HANDLER, gantry_request_handler, handle),
    SHAPE(GANTRY_CAP_LOG_CONSUMER, gantry_log_consumer, position),
    SHAPE(GANTRY_CAP_QUEUE_INDEX, gantry_queue_index, read),
    SHAPE(GANTRY_CAP_KEY_INDEX, gantry_key_index, find),
    SHAPE(GANTRY_CAP_METADATA_STORE, gantry_metadata_store, write),
    SHAPE(GANTRY_CAP_STORE_CHECK, gantry_store_check, open),
    SHAPE(GANTRY_CAP_INDEX_CODE, gantry_index_code, code),
    SHAPE(GANTRY_CAP_TOPICS, gantry_topics, find),
    SHAPE(GANTRY_CAP_GROUPS, gantry_groups, find),
    SHAPE(GANTRY_CAP_OFFSETS, gantry_offsets, get),
    SHAPE(GANTRY_CAP_CLIENTS, gantry_clients, sessions),
    SHAPE(GANTRY_CAP_FUNCTION, gantry_function, prepare),
    {GANTRY_CAP_PUT_HOOK, sizeof(gantry_put_hook), offsetof(gantry_put_hook, before),
     offsetof(gantry_put_hook, appended)},
    {GANTRY_CAP_FILTER, sizeof(gantry_filter), offsetof(gantry_filter, compile),
     offsetof(gantry_filter, match_index)},
};
#undef SHAPE

void expect(bool good, const std::string& else_what) {
  if (!good) throw Failed(else_what);
}

bool has_null_word(const void* table, size_t from, size_t end) {
  for (size_t at = from; at + sizeof(void*) <= end; at += sizeof(void*)) {
    const void* word = nullptr;
    std::memcpy(&word, static_cast<const char*>(table) + at, sizeof word);
    if (!word) return true;
  }
  return false;
}

// owner.name/revision
bool is_id(const char* id) {
  const std::string_view text = id ? id : "";
  const size_t slash = text.rfind('/');
  return slash != text.npos && text.substr(0, slash).find('.') != text.npos &&
         slash + 1 < text.size() && text.find_first_not_of("0123456789", slash + 1) == text.npos;
}

bool is_made_of(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.find(c) != others.npos;
  });
}

void check_names(const std::string& of, const gantry_str* names, uint32_t count) {
  expect(count == 0 || names, of + " counts names but points at none");
  for (uint32_t i = 0; i < count; ++i) {
    const std::string_view name(names[i].data, names[i].size);
    expect(!name.empty() &&
               name.find_first_of(std::string_view("\x00\x01\x02", 3)) == std::string_view::npos,
           of + ": name " + std::to_string(i) + " is empty or has a byte 0, 1 or 2 in it");
  }
}

void check_routes(const std::string& of, const gantry_request_handler& table) {
  expect(table.route_count == 0 || table.routes, of + " counts routes but points at none");
  std::set<int32_t> codes;
  for (uint32_t i = 0; i < table.route_count; ++i) {
    const gantry_route* const route = table.routes[i];
    expect(route && route->struct_size >= sizeof(gantry_route),
           of + ": route " + std::to_string(i) + " is null or too small");
    const std::string named = of + ": the route of code " + std::to_string(route->code);
    expect((route->flags & ~GANTRY_ROUTE_FALLBACK) == 0, named + " has unknown flags");
    expect(codes.insert(route->code).second, named + " is there twice");
  }
}

void check_offer(const std::string& module, const gantry_offer* offer) {
  expect(offer && offer->struct_size >= sizeof(gantry_offer) && is_id(offer->id),
         module + ": an offer has no id of the form owner.name/revision");
  const std::string named = module + ": offer " + offer->id;
  expect(offer->table && offer->name, named + ": its table or name is null");
  uint32_t size = 0;
  std::memcpy(&size, offer->table, sizeof size);
  for (const Shape& shape : shapes) {
    if (shape.id != offer->id) continue;
    expect(size >= shape.size, named + ": its table has " + std::to_string(size) +
                                   " bytes, the header says " + std::to_string(shape.size));
    expect(!has_null_word(offer->table, shape.first_function, shape.functions_end),
           named + ": a function is null");
  }
  const std::string_view id = offer->id;
  if (id == GANTRY_CAP_REQUEST_HANDLER)
    check_routes(named, *static_cast<const gantry_request_handler*>(offer->table));
  if (id == GANTRY_CAP_PUT_HOOK) {
    const auto& table = *static_cast<const gantry_put_hook*>(offer->table);
    check_names(named, table.when, table.when_count);
  }
  if (id == GANTRY_CAP_INDEX_CODE) {
    const auto& table = *static_cast<const gantry_index_code*>(offer->table);
    check_names(named, table.topics, table.topic_count);
  }
  if (id == GANTRY_CAP_FILTER)
    expect(*offer->name, named + " has no name: the expression type it serves");
  if (id == GANTRY_CAP_FUNCTION)
    expect(*offer->name, named + " has no name: what expressions call it");
}

void check_settings_of(const std::string& named, const gantry_module& module) {
  std::set<std::string_view> keys;
  for (uint32_t i = 0; i < module.setting_count; ++i) {
    const gantry_setting* setting = module.settings[i];
    expect(setting && setting->struct_size >= sizeof(gantry_setting) && setting->key &&
               setting->help && *setting->help,
           named + ": setting " + std::to_string(i) + " has no key or no help");
    const std::string key = setting->key;
    std::string plain = key;  // of an array of tables: "bind[].topic"
    if (const size_t at = plain.find("[]."); at != 0 && at != plain.npos) plain.erase(at, 2);
    expect(is_made_of(plain, "_."), named + ": setting " + key + " is no dotted snake_case");
    expect(keys.insert(setting->key).second, named + ": setting " + key + " is declared twice");
    const uint32_t kind = setting->kind == GANTRY_LIST ? GANTRY_STR : setting->kind;
    expect(setting->kind >= GANTRY_BOOL && setting->kind <= GANTRY_LIST &&
               (setting->fallback.kind == GANTRY_NULL || setting->fallback.kind == kind),
           named + ": setting " + key + ": its default is not of its kind");
  }
}

void check_module(const gantry_module* module) {
  expect(module, "a module is null");
  expect(module->struct_size >= sizeof(gantry_module), "a module's table is too small");
  expect(is_made_of(module->name ? module->name : "", "_"),
         "a module's name is not made of a-z, 0-9 and _");
  const std::string named = std::string("module ") + module->name;
  expect(!has_null_word(module, offsetof(gantry_module, create), sizeof(gantry_module)),
         named + ": a life-cycle function is null");
  expect((!module->offer_count || module->offers) && (!module->need_count || module->needs) &&
             (!module->setting_count || module->settings),
         named + " counts offers, needs or settings but points at none");
  for (uint32_t i = 0; i < module->offer_count; ++i) check_offer(named, module->offers[i]);
  for (uint32_t i = 0; i < module->need_count; ++i) {
    const gantry_need* need = module->needs[i];
    expect(need && need->struct_size >= sizeof(gantry_need) && is_id(need->id),
           named + ": need " + std::to_string(i) + " has no id of the form owner.name/revision");
  }
  check_settings_of(named, *module);
}

void check_access(const gantry_route& route) {
  const std::string named = "the route of code " + std::to_string(route.code);
  expect(route.access <= GANTRY_ACCESS_SELF,
         named + " has an unknown access: " + std::to_string(route.access));
  const bool by_field = route.access == GANTRY_ACCESS_FIELD;
  expect(by_field == (route.resource_count > 0),
         named + (by_field ? " has access FIELD but names no resources"
                           : " names resources, which only access FIELD looks at"));
  expect(route.resource_count == 0 || route.resources,
         named + " counts resources but points at none");
  for (uint32_t i = 0; i < route.resource_count; ++i) {
    const gantry_resource& resource = route.resources[i];
    expect(resource.field && *resource.field, named + " has a resource without a field");
    expect(resource.kind >= GANTRY_RESOURCE_CLUSTER && resource.kind <= GANTRY_RESOURCE_GROUP &&
               resource.action >= GANTRY_ACTION_PUB && resource.action <= GANTRY_ACTION_LIST,
           named + ": its resource " + resource.field + " has an unknown kind or action");
  }
}

}  // namespace

void tables_keep_the_contract(Subject& subject) {
  const fake::Library library(subject.path);
  const gantry_plugin& plugin = library.plugin();
  expect(plugin.struct_size >= sizeof(gantry_plugin), "gantry_plugin_v1 is too small");
  expect(plugin.abi_major == GANTRY_ABI_MAJOR && plugin.abi_minor <= GANTRY_ABI_MINOR,
         "it is built for ABI " + std::to_string(plugin.abi_major) + "." +
             std::to_string(plugin.abi_minor) + ", this is " + std::to_string(GANTRY_ABI_MAJOR) +
             "." + std::to_string(GANTRY_ABI_MINOR));
  expect(plugin.id && *plugin.id && plugin.version && plugin.modules && plugin.module_count > 0,
         "it has no id, no version or no modules");
  std::set<std::string> names;
  for (uint32_t i = 0; i < plugin.module_count; ++i) {
    check_module(plugin.modules[i]);
    expect(names.insert(plugin.modules[i]->name).second,
           std::string("two modules are called ") + plugin.modules[i]->name);
    subject.modules.push_back(plugin.modules[i]->name);
  }
}

void routes_declare_their_access(Subject& subject) {
  const fake::Library library(subject.path);
  const gantry_plugin& plugin = library.plugin();
  bool any = false;
  for (uint32_t i = 0; i < plugin.module_count; ++i) {
    const gantry_module& module = *plugin.modules[i];
    for (uint32_t j = 0; j < module.offer_count; ++j) {
      if (std::string_view(module.offers[j]->id) != GANTRY_CAP_REQUEST_HANDLER) continue;
      const auto& table = *static_cast<const gantry_request_handler*>(module.offers[j]->table);
      for (uint32_t k = 0; k < table.route_count; ++k) check_access(*table.routes[k]);
      any = any || table.route_count > 0;
    }
  }
  if (!any) throw Skipped("it has no routes");
}

}  // namespace gantry::sdk::check
