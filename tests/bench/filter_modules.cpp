#include "filter_modules.hpp"

#include <cstdlib>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "cpp/values.hpp"

namespace {

uint64_t allocations = 0;

// Offered type, and the module that offers it.
constexpr const char* modules[][2] = {{"TAG", "filter_tag"}, {"SQL92", "filter_sql92"}, {"LUA", "filter_lua"}};

}  // namespace

[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* const block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, size_t) noexcept {
  std::free(block);
}

namespace gantry::bench {

uint64_t allocations_so_far() {
  return allocations;
}

Judge::Judge(const gantry_filter& table, gantry_program* program) : table_(table), program_(program) {
  error_.struct_size = sizeof error_;
  call_.struct_size = sizeof call_;
  call_.error = &error_;
}

void Judge::match_index(std::span<const gantry_index_entry> entries, uint8_t* verdicts) const {
  const gantry_status status = table_.match_index(
      program_, &call_, entries.data(), static_cast<uint32_t>(entries.size()), verdicts);
  if (status != GANTRY_OK) throw std::runtime_error(error_.text);
}

void Judge::match(const gantry_batch& batch, uint8_t* verdicts) const {
  if (table_.match(program_, &call_, &batch, verdicts) != GANTRY_OK) {
    throw std::runtime_error(error_.text);
  }
}

Modules::Modules() {
  for (const auto& [type, name] : modules) instances_.push_back(&load(name));
  host_.start();
}

sdk::fake::Instance& Modules::load(const std::string& name) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() /
                      "lib" / "gantry" / "plugins";
  libraries_.push_back(std::make_unique<sdk::fake::Library>(folder / (name + ".so")));
  sdk::fake::Settings settings;
  if (name == "filter_lua") settings.emplace("sources", true);
  return host_.load(libraries_.back()->plugin(), name, settings);
}

const Judge& Modules::compile(std::string_view type, std::string_view expression) {
  for (size_t i = 0; i < instances_.size(); ++i) {
    if (type != modules[i][0]) continue;
    const auto& table = instances_[i]->table<gantry_filter>(GANTRY_CAP_FILTER, type);
    gantry_compiled compiled{};
    compiled.struct_size = sizeof compiled;
    host_.on_worker([&](const gantry_call& call) {
      if (table.compile(instances_[i]->self(), &call, sdk::str(expression), &compiled) != GANTRY_OK) {
        throw std::runtime_error(call.error->text);
      }
    });
    return *judges_.emplace_back(std::make_unique<Judge>(table, compiled.program));
  }
  throw std::runtime_error("no module offers " + std::string(type));
}

}  // namespace gantry::bench
