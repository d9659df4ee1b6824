// metadata_lmdb: what the library exports. One module, one capability.
#include "cpp/capabilities.hpp"
#include "metadata_lmdb.hpp"

namespace gantry::metadata_lmdb {
namespace {

constexpr gantry_metadata_store store = sdk::metadata_store<MetadataLmdb>();

constexpr gantry_offer offers_store = sdk::offer(GANTRY_CAP_METADATA_STORE, "", &store);
constexpr const gantry_offer* offers[] = {&offers_store};

constexpr gantry_need needs_logging = sdk::need(GANTRY_HOST_LOGGING);
constexpr gantry_need needs_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr gantry_need needs_timer = sdk::need(GANTRY_HOST_TIMER);
constexpr gantry_need needs_buffers = sdk::need(GANTRY_HOST_BUFFERS);
constexpr const gantry_need* needs[] = {&needs_logging, &needs_settings, &needs_timer,
                                        &needs_buffers};

constexpr gantry_setting commit_interval_ms = sdk::setting_i64(
    "commit_interval_ms",
    "How long writes that may wait (consumer offsets) are gathered into one commit. Shorter loses "
    "less progress in a crash, longer costs fewer disk syncs.",
    500, 1, 600'000);
constexpr gantry_setting map_bytes = sdk::setting_i64(
    "map_bytes",
    "Size of the file's memory map at start. It doubles when it is full; a larger one saves that "
    "where the data is known to be large.",
    int64_t{64} << 20, int64_t{1} << 20, int64_t{1} << 40);
constexpr gantry_setting map_bytes_max = sdk::setting_i64(
    "map_bytes_max",
    "What the map, and so the file, may grow to. At it writes fail until documents are erased.",
    int64_t{16} << 30, int64_t{1} << 20, int64_t{1} << 44);
constexpr gantry_setting queue_bytes_max = sdk::setting_i64(
    "queue_bytes_max",
    "Memory for writes that wait for their commit. At it writers are told to try again: the disk "
    "is slower than they are.",
    int64_t{64} << 20, int64_t{64} << 10, int64_t{1} << 40);
constexpr const gantry_setting* settings[] = {&commit_interval_ms, &map_bytes, &map_bytes_max,
                                              &queue_bytes_max};

constexpr gantry_module module = sdk::module<MetadataLmdb>({.name = "metadata_lmdb",
                                                            .flags = GANTRY_MODULE_RESTART_ONLY,
                                                            .offers = offers,
                                                            .needs = needs,
                                                            .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::metadata_lmdb

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.metadata_lmdb", "0.1.0", gantry::metadata_lmdb::modules);
