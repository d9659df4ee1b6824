// store_file: what the library exports. One module, four capabilities of one instance.
#include "cpp/capabilities.hpp"
#include "keys/key_settings.hpp"
#include "store_file.hpp"

namespace gantry::store_file {
namespace {

constexpr gantry_log_consumer consumer =
    sdk::log_consumer<StoreFile>(GANTRY_LOG_INLINE | GANTRY_LOG_BOUNDS_VISIBILITY);
constexpr gantry_queue_index index = sdk::queue_index<StoreFile>();
constexpr gantry_key_index keys = sdk::key_index<StoreFile>();
constexpr gantry_store_check check = sdk::store_check<StoreFile>();

constexpr gantry_offer offers_consumer = sdk::offer(GANTRY_CAP_LOG_CONSUMER, "", &consumer);
constexpr gantry_offer offers_index = sdk::offer(GANTRY_CAP_QUEUE_INDEX, "", &index);
constexpr gantry_offer offers_keys = sdk::offer(GANTRY_CAP_KEY_INDEX, "", &keys);
constexpr gantry_offer offers_check = sdk::offer(GANTRY_CAP_STORE_CHECK, "", &check);
constexpr const gantry_offer* offers[] = {&offers_consumer, &offers_index, &offers_keys,
                                          &offers_check};

constexpr gantry_need needs_logging = sdk::need(GANTRY_HOST_LOGGING);
constexpr gantry_need needs_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr gantry_need needs_commitlog = sdk::need(GANTRY_HOST_COMMITLOG);
constexpr gantry_need needs_clock = sdk::need(GANTRY_HOST_CLOCK);
constexpr gantry_need needs_buffers = sdk::need(GANTRY_HOST_BUFFERS);
constexpr const gantry_need* needs[] = {&needs_logging, &needs_settings, &needs_commitlog,
                                        &needs_buffers, &needs_clock};

constexpr gantry_setting file_bytes = sdk::setting_i64(
    "consume_queue_file_bytes",
    "Size of a queue file, rounded up to whole 20-byte units. It must be what the Java broker that "
    "shares the folder uses (mappedFileSizeConsumeQueue); another size rebuilds the index.",
    6'000'000, 20, int64_t{1} << 30);
constexpr gantry_setting batch_file_bytes =
    sdk::setting_i64("batch_queue_file_bytes",
                     "The same for queues of inner batches, of 46-byte units "
                     "(mapperFileSizeBatchConsumeQueue there).",
                     13'800'000, 46, int64_t{1} << 30);
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
    "Queue files kept open for writing between uses. More descriptors save opening files when many "
    "queues are written.",
    1024, 1, 1'000'000);
constexpr gantry_setting maps_max = sdk::setting_i64(
    "maps_max",
    "Queue files kept mapped for reading between uses. The system allows a process 65,530 maps "
    "(vm.max_map_count), of which the log and the libraries need some.",
    4096, 1, 60'000);
constexpr const gantry_setting* settings[] = {
    &file_bytes, &batch_file_bytes,  &recent_units,        &memory_bytes_max,     &open_files_max,
    &maps_max,   &setting_key_index, &setting_index_slots, &setting_index_entries};

constexpr const char* store_claims[] = {
    "consumequeue", "batchconsumequeue", "index", "checkpoint", "abort", nullptr};

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
