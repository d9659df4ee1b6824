#include <gantry/cap/filter.h>

#include <catch2/catch.hpp>

#include "plugin/inspect.hpp"
#include "plugin/library.hpp"
#include "sample.hpp"

using namespace gantry;
using namespace gantry::testing;
using plugin::Library;

namespace {

// The sample with one thing changed in its `store` module, and why it is refused.
std::string refusal(const std::function<void(gantry_module&, gantry_offer&)>& change) {
  gantry_module module = store_module;
  gantry_offer offer = store_offer;
  const gantry_offer* offers[] = {&offer};
  module.offers = offers;
  change(module, offer);
  const gantry_module* modules[] = {&module};
  const gantry_plugin plugin = sdk::plugin("org.gantry.sample", "1.0", modules);
  const auto library = Library::adopt(plugin, "x.so");
  REQUIRE(library.has_error());
  return library.error().text;
}

}  // namespace

TEST_CASE("a well-made plugin is taken") {
  CHECK(Library::adopt(sample_plugin, "x.so").has_value());
}

TEST_CASE("a newer ABI major is refused, naming both versions") {
  gantry_plugin plugin = sample_plugin;
  plugin.abi_major = GANTRY_ABI_MAJOR + 1;
  const auto library = Library::adopt(plugin, "x.so");
  REQUIRE(library.has_error());
  CHECK(library.error().text == "x.so: built for ABI 2.0, this host has 1.0");
}

TEST_CASE("what breaks the contract is refused, naming library, module, id and reason") {
  CHECK(refusal([](auto& module, auto&) { module.stop = nullptr; }) ==
        "x.so: module store: a life-cycle function is null");
  CHECK(refusal([](auto& module, auto&) { module.name = "Store!"; }) ==
        "x.so: module Store!: its name is not made of a-z, 0-9 and _");
  CHECK(refusal([](auto& module, auto&) { module.struct_size = 8; }) ==
        "x.so: module store: its table has 8 bytes, this host needs " +
            std::to_string(sizeof(gantry_module)));
  CHECK(refusal([](auto&, auto& offer) { offer.id = "store"; }) ==
        "x.so: module store: an offer has no id of the form owner.name/revision");
  CHECK(refusal([](auto&, auto& offer) { offer.table = nullptr; }) ==
        "x.so: module store: offer gantry.metadata_store/0: its table or name is null");
}

TEST_CASE("a table with a null function, or too small a one, is refused") {
  gantry_metadata_store table = store_table;
  table.read = nullptr;
  CHECK(refusal([&](auto&, auto& offer) { offer.table = &table; }) ==
        "x.so: module store: offer gantry.metadata_store/0: a function is null");
  table = store_table;
  table.struct_size = 16;
  CHECK(refusal([&](auto&, auto& offer) { offer.table = &table; }) ==
        "x.so: module store: offer gantry.metadata_store/0: its table has 16 bytes, this host "
        "needs " +
            std::to_string(sizeof(gantry_metadata_store)));
}

TEST_CASE("a handler's routes are refused where the host could not follow them") {
  gantry_route route = sdk::route(10, GANTRY_ACCESS_NONE);
  const gantry_route* routes[] = {&route};
  gantry_request_handler table{};
  table.struct_size = sizeof table;
  table.route_count = 1;
  table.routes = routes;
  table.handle = [](gantry_instance*, const gantry_call*, const gantry_request*, gantry_token,
                    uint32_t) -> gantry_status { return GANTRY_OK; };
  table.session_closed = [](gantry_instance*, const gantry_call*, gantry_session) {};
  const auto refused = [&] {
    return refusal([&](auto&, auto& offer) {
      offer.id = GANTRY_CAP_REQUEST_HANDLER;
      offer.table = &table;
    });
  };
  const std::string offer = "x.so: module store: offer gantry.request_handler/0: ";
  route.flags = GANTRY_ROUTE_FALLBACK | 6;
  CHECK(refused() == offer + "the route of code 10 has unknown flags: 0x7");
  route.flags = GANTRY_ROUTE_FALLBACK;
  route.resource_count = 1;
  CHECK(refused() == offer + "the route of code 10 counts 1 resources but points at none");
  route.struct_size = 8;
  CHECK(refused() == offer + "route 0 is null or too small");
  table.routes = nullptr;
  CHECK(refused() == offer + "it counts 1 routes but points at none");
}

TEST_CASE("files that are no plugins are refused, naming the file") {
  const auto missing = Library::load("no/such.so");
  REQUIRE(missing.has_error());
  CHECK(missing.error().text == "no/such.so: there is no such library");
  const std::string source = std::string(GANTRY_SOURCE_DIR) + "/CMakeLists.txt";
  const auto text = Library::load(source);
  REQUIRE(text.has_error());
  CHECK(text.error().text.find("cannot be loaded") != std::string::npos);
}

TEST_CASE("revisions are read from the end of an id") {
  CHECK(plugin::revision_of("gantry.put_hook/0") == 0);
  CHECK(plugin::revision_of("com.acme.dedupe/12") == 12);
  for (const char* bad : {"", "gantry.filter", "gantry.filter/", "gantry.filter/x", "filter/1",
                          ".filter/1", "gantry./1x"}) {
    CHECK(plugin::revision_of(bad) == -1);
  }
}

TEST_CASE("inspect tells offers, needs and settings with their bounds") {
  const auto library = Library::adopt(sample_plugin, "x.so");
  const std::string text = plugin::inspect(**library);
  for (const char* line : {"plugin org.gantry.sample 1.0, ABI 1.0", "module user",
                           "needs     gantry.metadata_store/0, experimental",
                           "offers    gantry.metadata_store/0, experimental",
                           "size_bytes = 10 (1..100)  # how large", "names = [\"a\", \"b\"]"}) {
    INFO(text);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("inspect tells stable ids from experimental ones") {
  static constexpr gantry_need stable = sdk::need(GANTRY_HOST_LOGGING);
  static constexpr gantry_need later = sdk::need("com.acme.judge/12", false);
  static constexpr gantry_need experimental = sdk::need("com.acme.judge/0", false);
  static constexpr const gantry_need* needs[] = {&stable, &later, &experimental};
  static constexpr gantry_offer offer = sdk::offer("com.acme.judge/1", "strict", &needs);
  static constexpr const gantry_offer* offers[] = {&offer};
  static constexpr gantry_module module =
      sdk::module<Sample>({.name = "judge", .offers = offers, .needs = needs});
  static constexpr const gantry_module* modules[] = {&module};
  static constexpr gantry_plugin judge = sdk::plugin("com.acme.judge", "1.0", modules);
  const auto library = Library::adopt(judge, "x.so");
  REQUIRE(library.has_value());
  CHECK_THAT(plugin::inspect(**library),
             Catch::Contains("    offers    com.acme.judge/1 as strict, stable\n"
                             "    needs     gantry.host.logging/1, stable\n"
                             "    needs     com.acme.judge/12 (optional), stable\n"
                             "    needs     com.acme.judge/0 (optional), experimental\n"));
}

TEST_CASE("a put hook may go without `appended`, but not without `before` or with a bad name") {
  static constexpr auto before = [](gantry_instance*, const gantry_call*, const gantry_put*,
                                    gantry_put_edit*, const gantry_put_editor*) -> gantry_status {
    return GANTRY_OK;
  };
  const gantry_str names[] = {sdk::str("DELAY"), sdk::str("A\x01")};
  gantry_put_hook table{sizeof table, 1, names, before, nullptr};
  const auto refused = [&] {
    return refusal([&](auto&, auto& offer) {
      offer.id = GANTRY_CAP_PUT_HOOK;
      offer.table = &table;
    });
  };
  table.when_count = 2;
  CHECK(refused() ==
        "x.so: module store: offer gantry.put_hook/0: when: name 1 has a byte 0, 1 or 2 in it");
  table.when = nullptr;
  CHECK(refused() ==
        "x.so: module store: offer gantry.put_hook/0: it counts 2 when but points at none");
  table.when_count = 0;
  table.before = nullptr;
  CHECK(refused() == "x.so: module store: offer gantry.put_hook/0: a function is null");

  table.before = before;
  const gantry_offer offer = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &table);
  const gantry_offer* offers[] = {&offer};
  gantry_module module = store_module;
  module.offers = offers;
  const gantry_module* modules[] = {&module};
  CHECK(Library::adopt(sdk::plugin("org.gantry.sample", "1.0", modules), "x.so").has_value());
}

TEST_CASE("a filter may go without `match_index`, but not without the name of its type") {
  static constexpr auto compile = [](gantry_instance*, const gantry_call*, gantry_str,
                                     gantry_compiled*) -> gantry_status { return GANTRY_OK; };
  static constexpr auto match = [](gantry_program*, const gantry_call*, const gantry_batch*,
                                   uint8_t*) -> gantry_status { return GANTRY_OK; };
  gantry_filter table{
      sizeof table, 0, compile, match, [](gantry_program*) {}, nullptr, nullptr};
  std::string name;
  const auto refused = [&] {
    return refusal([&](auto&, auto& offer) {
      offer.id = GANTRY_CAP_FILTER;
      offer.name = name.c_str();
      offer.table = &table;
    });
  };
  CHECK(refused() ==
        "x.so: module store: offer gantry.filter/1: it has no name: the expression type it serves");
  name = "SQL92";
  table.match = nullptr;
  CHECK(refused() == "x.so: module store: offer gantry.filter/1: a function is null");
}

TEST_CASE("a key of an array of tables is refused where no configuration could give it") {
  const auto refused = [](const gantry_setting& setting, const char* reason) {
    const gantry_setting* settings[] = {&setting};
    const std::string text = refusal([&](gantry_module& module, gantry_offer&) {
      module.settings = settings;
      module.setting_count = 1;
    });
    CHECK(text.find(reason) != std::string::npos);
  };
  refused(sdk::setting_str("scope[]", "what", ""), "setting scope[]: a key of an array");
  refused(sdk::setting_str("[].topic", "what", ""), "setting [].topic: a key of an array");
  refused(sdk::setting_str("a[].b[].c", "what", ""), "setting a[].b[].c: a key of an array");
  refused(sdk::setting_list("scope[].topics", "what", ""), "and no list");
}
