#include "hook_log.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace gantry::bench {

void give_up(std::string_view what) {
  fmt::print(stderr, "gantry_hook_bench: {}\n", what);
  std::exit(1);
}

HookLog::HookLog(const std::string& below) : runtime_({1, {1, 100}}, clock_) {
  std::string name = below + "/gantry-hooks-XXXXXX";
  if (!::mkdtemp(name.data())) give_up(below + ": cannot make a folder there");
  folder_ = name;
  commitlog::Options options;
  options.data_dir = name;
  options.segment_bytes = 2 * prepared_bytes;
  options.warm_ahead_bytes = prepared_bytes;
  options.message_bytes_max = body_bytes_max;
  options.clock = &clock_;
  auto opened = commitlog::CommitLog::open(options);
  check(opened);
  log_ = std::move(*opened);
  if (log_->prepare_now()) give_up("no space for the log");
  log_->set_number_source({[](void*, Text, int32_t, QueueOffset& next) {
                             next = QueueOffset(0);
                             return ErrorCode();
                           },
                           nullptr});
  records_ = std::make_unique<dispatch::RecordDispatcher>(runtime_, *log_, *this,
                                                          dispatch::RecordDispatcher::Options());
  runtime_.start();
}

HookLog::~HookLog() {
  runtime_.stop();
  records_.reset();
  log_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace gantry::bench
