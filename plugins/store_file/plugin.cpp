// store_file: what the library exports. One module, two capabilities of one instance.
#include "cpp/capabilities.hpp"
#include "store_file.hpp"

namespace gantry::store_file {
namespace {

constexpr gantry_log_consumer consumer = sdk::log_consumer<StoreFile>(GANTRY_LOG_INLINE);
constexpr gantry_queue_index index = sdk::queue_index<StoreFile>();

constexpr gantry_offer offers_consumer = sdk::offer(GANTRY_CAP_LOG_CONSUMER, "", &consumer);
constexpr gantry_offer offers_index = sdk::offer(GANTRY_CAP_QUEUE_INDEX, "", &index);
constexpr const gantry_offer* offers[] = {&offers_consumer, &offers_index};

constexpr gantry_need needs_logging = sdk::need(GANTRY_HOST_LOGGING);
constexpr gantry_need needs_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr gantry_need needs_commitlog = sdk::need(GANTRY_HOST_COMMITLOG);
constexpr const gantry_need* needs[] = {&needs_logging, &needs_settings, &needs_commitlog};

constexpr gantry_setting file_bytes = sdk::setting_i64(
    "consume_queue_file_bytes",
    "Size of a queue file, rounded up to whole 20-byte units. It must be what the Java broker that "
    "shares the folder uses (mappedFileSizeConsumeQueue); another size rebuilds the index.",
    6'000'000, 20, int64_t{1} << 30);
constexpr gantry_setting recent_units = sdk::setting_i64(
    "recent_units",
    "Units of each busy queue kept in memory after they are written: how far behind a consumer may "
    "be and still be served without the disk.",
    2048, 0, int64_t{1} << 24);
constexpr gantry_setting memory_bytes_max = sdk::setting_i64(
    "memory_bytes_max",
    "Memory for units of all queues. Near it only what is not yet written stays; at it the log's "
    "consumption waits until units are written.",
    int64_t{256} << 20, int64_t{64} << 10, int64_t{1} << 40);
constexpr gantry_setting open_files_max = sdk::setting_i64(
    "open_files_max",
    "Queue files kept open between uses. More descriptors save opening files when many queues are "
    "read or written.",
    1024, 1, 1'000'000);
constexpr const gantry_setting* settings[] = {&file_bytes, &recent_units, &memory_bytes_max,
                                              &open_files_max};

constexpr const char* store_claims[] = {"consumequeue", nullptr};

constexpr gantry_module module =
    sdk::module<StoreFile>({.name = "store_file",
                            .flags = GANTRY_MODULE_STORE_ROOT | GANTRY_MODULE_RESTART_ONLY,
                            .offers = offers,
                            .needs = needs,
                            .settings = settings,
                            .store_claims = store_claims});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::store_file

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.store_file", "0.1.0", gantry::store_file::modules);
