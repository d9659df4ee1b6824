#include "plugin/check.hpp"

#include <fmt/format.h>
#include <gantry/cap/facts.h>
#include <gantry/cap/filter.h>
#include <gantry/cap/function.h>
#include <gantry/cap/index_code.h>
#include <gantry/cap/log_consumer.h>
#include <gantry/cap/metadata_store.h>
#include <gantry/cap/put_hook.h>
#include <gantry/cap/queue_index.h>
#include <gantry/cap/request_handler.h>
#include <gantry/cap/store_check.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/logging.hpp"
#include "config/key.hpp"
#include "plugin/library.hpp"

namespace gantry::plugin {
namespace {

// How large a table must be for the host to call it, and which of its words are functions.
struct Shape {
  const char* id;
  size_t size;
  size_t first_function;        // from here on every word is a function pointer,
  size_t functions_end = size;  // up to here none of them null
};

// Of a frozen id the last member that every table of it has; those appended since may be missing.
#define end_of(type, member) (offsetof(type, member) + sizeof(type::member))

const Shape shapes[] = {
    {GANTRY_CAP_REQUEST_HANDLER, sizeof(gantry_request_handler),
     offsetof(gantry_request_handler, handle)},
    {GANTRY_CAP_LOG_CONSUMER, sizeof(gantry_log_consumer), offsetof(gantry_log_consumer, position)},
    {GANTRY_CAP_QUEUE_INDEX, sizeof(gantry_queue_index), offsetof(gantry_queue_index, read)},
    {GANTRY_CAP_METADATA_STORE, sizeof(gantry_metadata_store),
     offsetof(gantry_metadata_store, write)},
    {GANTRY_CAP_STORE_CHECK, sizeof(gantry_store_check), offsetof(gantry_store_check, open)},
    {GANTRY_CAP_PUT_HOOK, sizeof(gantry_put_hook), offsetof(gantry_put_hook, before),
     offsetof(gantry_put_hook, appended)},
    {GANTRY_CAP_INDEX_CODE, sizeof(gantry_index_code), offsetof(gantry_index_code, code)},
    {GANTRY_CAP_FILTER, end_of(gantry_filter, bound), offsetof(gantry_filter, compile),
     offsetof(gantry_filter, match_index)},
    {GANTRY_CAP_FUNCTION, end_of(gantry_function, release), offsetof(gantry_function, prepare)},
    {GANTRY_CAP_FACTS, sizeof(gantry_facts), offsetof(gantry_facts, read)},
};
#undef end_of

bool has_null_word(const void* table, size_t from, size_t size) {
  for (size_t at = from; at + sizeof(void*) <= size; at += sizeof(void*)) {
    const void* word = nullptr;
    std::memcpy(&word, static_cast<const char*>(table) + at, sizeof word);
    if (!word) return true;
  }
  return false;
}

// Names of properties or topics that a table lists; empty: they can be used.
std::string wrong_names(const char* what, const gantry_str* names, uint32_t count) {
  if (count > 0 && !names) return fmt::format("it counts {} {} but points at none", count, what);
  for (uint32_t i = 0; i < count; ++i) {
    const std::string_view name(names[i].data, names[i].size);
    if (name.empty()) return fmt::format("{}: name {} is empty", what, i);
    if (name.find_first_of(std::string_view("\x00\x01\x02", 3)) != std::string_view::npos) {
      return fmt::format("{}: name {} has a byte 0, 1 or 2 in it", what, i);
    }
  }
  return {};
}

// Routes the host can't use; empty: it can. What it doesn't know of a route it must not ignore.
std::string wrong_routes(const gantry_request_handler& table) {
  if (table.route_count > 0 && !table.routes) {
    return fmt::format("it counts {} routes but points at none", table.route_count);
  }
  for (uint32_t i = 0; i < table.route_count; ++i) {
    const gantry_route* const route = table.routes[i];
    if (!route || route->struct_size < sizeof(gantry_route)) {
      return fmt::format("route {} is null or too small", i);
    }
    if (route->flags & ~GANTRY_ROUTE_FALLBACK) {
      return fmt::format("the route of code {} has unknown flags: {:#x}", route->code,
                         route->flags);
    }
    if (route->access == GANTRY_ACCESS_FIELD && route->resource_count == 0) {
      return fmt::format("the route of code {} has access FIELD but names no field", route->code);
    }
    if (route->resource_count > 0 && !route->resources) {
      return fmt::format("the route of code {} counts {} resources but points at none",
                         route->code, route->resource_count);
    }
  }
  return {};
}

// As a number; none for what has no order.
std::optional<double> number_of(const gantry_value& value) {
  if (value.kind == GANTRY_I64) return static_cast<double>(value.as.i);
  if (value.kind == GANTRY_F64) return value.as.f;
  return std::nullopt;
}

// Bounds the host can't keep, or that the setting's own default breaks; empty: neither.
std::string wrong_bounds(const gantry_setting& setting) {
  const auto fits = [&](const gantry_value& bound) {
    const bool ordered = setting.kind == GANTRY_I64 || setting.kind == GANTRY_F64;
    return bound.kind == GANTRY_NULL || (ordered && bound.kind == setting.kind);
  };
  if (!fits(setting.least) || !fits(setting.most)) return "a bound is not of its kind";
  const std::optional<double> least = number_of(setting.least);
  const std::optional<double> most = number_of(setting.most);
  if (least && most && *least > *most) {
    return fmt::format("its bounds {} and {} leave nothing between them", *least, *most);
  }
  const std::optional<double> fallback = number_of(setting.fallback);
  if (!fallback || (setting.flags & GANTRY_SETTING_REQUIRED)) return {};
  if ((least && *fallback < *least) || (most && *fallback > *most)) {
    return fmt::format("its default {} is out of its bounds", *fallback);
  }
  return {};
}

// What is wrong inside a table of a capability that the host itself uses.
std::string wrong_table(const gantry_offer& offer) {
  if (std::string_view(offer.id) == GANTRY_CAP_REQUEST_HANDLER) {
    return wrong_routes(*static_cast<const gantry_request_handler*>(offer.table));
  }
  if (std::string_view(offer.id) == GANTRY_CAP_PUT_HOOK) {
    const auto& table = *static_cast<const gantry_put_hook*>(offer.table);
    return wrong_names("when", table.when, table.when_count);
  }
  if (std::string_view(offer.id) == GANTRY_CAP_INDEX_CODE) {
    const auto& table = *static_cast<const gantry_index_code*>(offer.table);
    return wrong_names("topics", table.topics, table.topic_count);
  }
  if (std::string_view(offer.id) == GANTRY_CAP_FILTER && !*offer.name) {
    return "it has no name: the expression type it serves";
  }
  if (std::string_view(offer.id) == GANTRY_CAP_FUNCTION && !*offer.name) {
    return "it has no name: what expressions call the function";
  }
  return {};
}

class ModuleCheck {
 public:
  ModuleCheck(const gantry_module& module, const std::string& file)
      : module_(module), name_(module.name ? module.name : ""), file_(file) {}

  Outcome<void> run() {
    if (module_.struct_size < sizeof(gantry_module)) {
      return refuse(fmt::format("its table has {} bytes, this host needs {}", module_.struct_size,
                                sizeof(gantry_module)));
    }
    const bool named = !name_.empty() && std::all_of(name_.begin(), name_.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!named) return refuse("its name is not made of a-z, 0-9 and _");
    if (has_null_word(&module_, offsetof(gantry_module, create), sizeof(gantry_module))) {
      return refuse("a life-cycle function is null");
    }
    if ((module_.offer_count && !module_.offers) || (module_.need_count && !module_.needs) ||
        (module_.setting_count && !module_.settings)) {
      return refuse("it counts offers, needs or settings but points at none");
    }
    for (uint32_t i = 0; i < module_.offer_count; ++i) {
      if (Outcome<void> good = offer(module_.offers[i]); !good) return good.error();
    }
    for (uint32_t i = 0; i < module_.need_count; ++i) {
      const gantry_need* need = module_.needs[i];
      if (!need || need->struct_size < sizeof(gantry_need) || !need->id ||
          revision_of(need->id) < 0) {
        return refuse(fmt::format("need {} has no id of the form owner.name/revision", i));
      }
    }
    return settings();
  }

 private:
  Failure refuse(const std::string& reason) const {
    return fail(fmt::format("{}: module {}: {}", file_, name_.empty() ? "?" : name_, reason));
  }

  Outcome<void> offer(const gantry_offer* offer) const {
    if (!offer || offer->struct_size < sizeof(gantry_offer) || !offer->id ||
        revision_of(offer->id) < 0) {
      return refuse("an offer has no id of the form owner.name/revision");
    }
    if (!offer->table || !offer->name) {
      return refuse(fmt::format("offer {}: its table or name is null", offer->id));
    }
    uint32_t size = 0;
    std::memcpy(&size, offer->table, sizeof size);
    for (const Shape& shape : shapes) {
      if (std::string_view(shape.id) != offer->id) continue;
      if (size < shape.size) {
        return refuse(fmt::format("offer {}: its table has {} bytes, this host needs {}", offer->id,
                                  size, shape.size));
      }
      if (has_null_word(offer->table, shape.first_function, shape.functions_end)) {
        return refuse(fmt::format("offer {}: a function is null", offer->id));
      }
    }
    const std::string wrong = wrong_table(*offer);
    if (!wrong.empty()) return refuse(fmt::format("offer {}: {}", offer->id, wrong));
    return {};
  }

  Outcome<void> settings() const {
    std::set<std::string_view> keys;
    for (uint32_t i = 0; i < module_.setting_count; ++i) {
      const gantry_setting* setting = module_.settings[i];
      if (!setting || setting->struct_size < sizeof(gantry_setting) || !setting->key ||
          !setting->help) {
        return refuse(fmt::format("setting {} has no key or no help", i));
      }
      if (!keys.insert(setting->key).second) {
        return refuse(fmt::format("setting {} is declared twice", setting->key));
      }
      const uint32_t kind = setting->kind == GANTRY_LIST ? GANTRY_STR : setting->kind;
      if (setting->kind < GANTRY_BOOL || setting->kind > GANTRY_LIST ||
          (setting->fallback.kind != GANTRY_NULL && setting->fallback.kind != kind)) {
        return refuse(fmt::format("setting {}: its default is not of its kind", setting->key));
      }
      const std::string wrong = wrong_bounds(*setting);
      if (!wrong.empty()) return refuse(fmt::format("setting {}: {}", setting->key, wrong));
    }
    return arrays(keys);
  }

  // Keys of arrays of tables, "name[].key".
  Outcome<void> arrays(const std::set<std::string_view>& keys) const {
    for (uint32_t i = 0; i < module_.setting_count; ++i) {
      const gantry_setting& setting = *module_.settings[i];
      if (std::string_view(setting.key).find_first_of("[]") == std::string_view::npos) continue;
      const std::optional<config::TableKey> key = config::table_key(setting.key);
      if (!key || setting.kind == GANTRY_LIST) {
        return refuse(fmt::format("setting {}: a key of an array of tables is \"name[].key\", and no "
                                  "list",
                                  setting.key));
      }
      if (keys.contains(key->table)) {
        return refuse(fmt::format("setting {}: {} is a key as well", setting.key, key->table));
      }
    }
    return {};
  }

  const gantry_module& module_;
  const std::string name_;
  const std::string& file_;
};

}  // namespace

Outcome<void> check_plugin(const gantry_plugin& plugin, const std::string& file) {
  if (plugin.struct_size < sizeof(gantry_plugin)) {
    return fail(fmt::format("{}: gantry_plugin_v1 has {} bytes, this host needs {}", file,
                            plugin.struct_size, sizeof(gantry_plugin)));
  }
  if (plugin.abi_major != GANTRY_ABI_MAJOR) {
    return fail(fmt::format("{}: built for ABI {}.{}, this host has {}.{}", file, plugin.abi_major,
                            plugin.abi_minor, GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR));
  }
  if (plugin.abi_minor > GANTRY_ABI_MINOR) {
    logging::warn("plugin", "{}: built for the newer ABI {}.{}, this host has {}.{}", file,
                  plugin.abi_major, plugin.abi_minor, GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR);
  }
  if (!plugin.id || !plugin.version || !plugin.modules || plugin.module_count == 0) {
    return fail(fmt::format("{}: it has no id, no version or no modules", file));
  }
  for (uint32_t i = 0; i < plugin.module_count; ++i) {
    if (!plugin.modules[i]) return fail(fmt::format("{}: module {} is null", file, i));
    ModuleCheck check(*plugin.modules[i], file);
    if (Outcome<void> good = check.run(); !good) return good.error();
  }
  return {};
}

}  // namespace gantry::plugin
